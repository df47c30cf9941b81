"""Structured field values: ``value; name=value; ...`` (RFC 2045, 5.1) with RFC 2231, every reading kept.

Readers disagree about damaged parameters, so nothing is thrown away here: ``Parameters.pairs`` is what stands
there, in order, and ``candidates`` lists all that a reader may make of it, most credible first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from lazaretto.mime.decode import text
from lazaretto.mime.words import decode_words, unescape, unfold

MAX_PARAMETERS = 1_000  # honest fields have under ten; RFC 2231 sections of a 9 kB name are some 150
MAX_NAME = 16_384  # characters of a name that are kept: the two ends, so that the extension survives
MAX_CANDIDATES = 32
_MOST_WRITTEN = 8 * MAX_NAME  # bytes of a name as it is written that are decoded: the two ends

# A quoted string, or (also after a quote that is never closed) everything up to the next semicolon: Outlook
# writes names with blanks and no quotes.
_PAIR = re.compile(rb';\s*+([^\s=;]*+)\s*+=\s*+(?:"((?:[^"\\]++|\\[\s\S])*)"|"?([^;]*+))')
_VALUE = re.compile(rb"(?:\s++|\([^()]*+\))*([^\s;()]*+)(?:\s*+/\s*+([^\s;()]++))?")
_NAME = re.compile(rb"([^*]++)(?:\*(\d{1,4}))?(\*)?")
_SHORT = 200  # bytes of a value that is worth remembering
_BETWEEN = b"; \t\r\n"


@dataclass(frozen=True, slots=True)
class Pair:
    """One parameter as it stands: ``name*section*=written``."""

    name: str  # lower case, without the asterisks
    section: int | None  # RFC 2231, 3: number of the continuation
    extended: bool  # RFC 2231, 4: percent-encoded, the first section with charset'language'
    written: bytes  # without the quotes, otherwise untouched
    quoted: bool

    @property
    def value(self) -> bytes:
        """Quoted pairs undone (RFC 5322, 3.2.1)."""
        return unescape(self.written) if self.quoted else self.written


@dataclass(frozen=True, slots=True)
class Parameters:
    """A field value in front of the first semicolon (lower case, no comments), and its parameters."""

    value: str
    pairs: tuple[Pair, ...] = ()
    complete: bool = True  # False: more than MAX_PARAMETERS
    sound: bool = True  # False: something stands between them that is none

    def plain(self, name: str) -> list[Pair]:
        """All ``name=...`` without RFC 2231 marks."""
        return [pair for pair in self.pairs if pair.name == name and pair.section is None and not pair.extended]

    def first(self, name: str) -> bytes | None:
        """The bytes that most readers use: the first plain one, else the RFC 2231 one in UTF-8."""
        for pair in self.plain(name):
            return pair.value
        joined = self.extended(name)
        return None if joined is None else joined.encode()

    def get(self, name: str) -> str:
        """The most credible reading, "" without one."""
        return next(self._readings(name), "")

    def candidates(self, name: str) -> tuple[str, ...]:
        """Every reading, most credible first: RFC 2231, encoded words decoded, as written."""
        found: dict[str, None] = {}
        for reading in self._readings(name):
            if reading and len(found) < MAX_CANDIDATES:
                found.setdefault(_bounded(reading))
        return tuple(found)

    def _readings(self, name: str) -> Iterator[str]:
        joined = self.extended(name)
        if joined is not None:
            yield joined
        for pair in self.plain(name):
            value = text(ends(unfold(pair.value)))
            if "=?" in value:
                yield decode_words(value)  # against RFC 2047, 5 (3), but all of the large clients write and read it
            yield value
            if pair.quoted and b"\\" in pair.written:
                yield text(ends(unfold(pair.written)))  # a Windows path whose backslashes were never meant as escapes

    def extended(self, name: str) -> str | None:
        """RFC 2231: sections joined in numerical order up to the first gap, decoded with their charset."""
        sections: dict[int, Pair] = {}
        for pair in self.pairs:
            if pair.name == name and (pair.extended or pair.section is not None):
                sections.setdefault(pair.section or 0, pair)
        if not sections:
            return None
        pieces: list[bytes] = []
        charset = ""
        for number in range(len(sections)):
            pair = sections.get(number)  # type: ignore[assignment]  # None ends the loop on the next line
            if pair is None:
                break
            data = pair.value
            if pair.extended:
                if number == 0 and data.count(b"'") >= 2:
                    label, _, data = data.split(b"'", 2)
                    charset = label.decode("ascii", "replace")
                data = unquote_to_bytes(data)
            pieces.append(data)
        return text(b"".join(pieces), charset) if pieces else None


def ends(value: bytes) -> bytes:
    """Of a value that is longer than any name the two ends, before it costs anything: so many words, escapes and
    sections stand for a character as nobody has in one."""
    half = _MOST_WRITTEN // 2
    return value if len(value) <= _MOST_WRITTEN else value[:half] + value[-half:]


def _bounded(name: str) -> str:
    half = MAX_NAME // 2
    return name if len(name) <= MAX_NAME else f"{name[:half]}\u2026{name[-half:]}"


def parameters(value: bytes) -> Parameters:
    """Reads a field value; damaged parameters are read as far as they go, never an error."""
    # "text/plain; charset=utf-8" stands in every other part of every other mail.
    return _remembered(value) if len(value) <= _SHORT else _read(value)


@lru_cache(maxsize=1024)
def _remembered(value: bytes) -> Parameters:
    return _read(value)


def _read(value: bytes) -> Parameters:
    head = _VALUE.match(value)
    first = head[1] + (b"/" + head[2] if head[2] else b"") if head else b""
    semicolon = value.find(b";")
    if semicolon < 0:
        return Parameters(text(first).lower(), sound=b"=" not in value)
    pairs: list[Pair] = []
    at, sound = semicolon, True
    for match in _PAIR.finditer(value, semicolon):
        if len(pairs) >= MAX_PARAMETERS:
            return Parameters(text(first).lower(), tuple(pairs), complete=False)
        sound = sound and (match.start() == at or not value[at : match.start()].strip(_BETWEEN))
        at = match.end()
        name = _NAME.match(match[1])
        if name is None:
            continue
        written, quoted = match[2], True
        if written is None:
            written, quoted = match[3].strip(), False
        section = int(name[2]) if name[2] else None
        pairs.append(Pair(text(name[1]).lower(), section, name[3] is not None, written, quoted))
    return Parameters(text(first).lower(), tuple(pairs), sound=sound and not value[at:].strip(_BETWEEN))
