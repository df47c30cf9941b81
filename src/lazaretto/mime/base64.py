"""base64 (RFC 2045, 6.8), sound and damaged.

Sound input takes the fast path through ``binascii`` on a view of the message, without a copy.  What readers make of
damage differs; ``decode`` gives what most of them show, ``rivals`` all that others do.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lazaretto.mime import defects

DAMAGED = frozenset({defects.BASE64_JUNK, defects.BASE64_SHORT, defects.BASE64_AFTER_PADDING})
_RUN = re.compile(rb"[^=]+")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NO_CHARACTER = bytes(set(range(256)) - set(_ALPHABET))
_NO_BASE64 = bytes(set(range(256)) - set(_ALPHABET + b"="))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")  # RFC 4648, 5
_LINE = re.compile(rb"([A-Za-z0-9+/]*+)([^\r\n]*+)[\r\n]*+")  # sound, and from the first character that is not
_PARAGRAPH = re.compile(rb"\n[ \t\r]*+\n\s*+")
_HEAD = re.compile(rb"[ \t]*+([A-Za-z0-9+/=]*+)[^\r\n]*+[\r\n]*+")
_AT_ONCE = 65_536  # characters of sound lines
_PARAGRAPHS = 8  # that may each begin the data
MOST_PADDING = 200_000  # padding characters in the middle that are followed one by one
_MOST_RUNS = 500_000  # between paddings; 37 MB of lines that are padded each
_MOST_LINES = 1_000_000  # 76 MB of ordinary lines
STOPPED = "base64-stopped"  # the rival that has only what stands before the first padding
LIMIT_BASE64 = "limit-base64"  # damage in more places than are followed


class Rival(NamedTuple):
    name: str
    data: bytes
    plausible: bool  # a reader is known that decodes so


def decode(raw: bytes, start: int, end: int) -> tuple[bytes, tuple[str, ...]]:
    """Decoded bytes of ``raw[start:end]`` and the defects."""
    padding = raw.find(b"=", start, end)
    padding = end if padding < 0 else padding
    # Behind the padding of a sound body stand at most another "=" and line ends.
    if not raw[padding : min(end, padding + 64)].strip(b"=\r\n\t ") and (
        end - padding <= 64 or not raw[padding:end].strip(b"=\r\n\t ")
    ):
        try:
            data = binascii.a2b_base64(memoryview(raw)[start:end])
        except binascii.Error:
            pass  # wrong number of characters: made good below
        else:
            size = padding - start - _line_breaks(raw, start, padding)
            # One character of junk changes no length, but makes the last group too long.
            sound = len(data) == size * 3 // 4 and not (size + raw.count(b"=", padding, end)) % 4
            return data, () if sound else (defects.BASE64_JUNK, *_too_many_lines(raw, start, end))
    return _restarted(raw[start:end])


def _line_breaks(raw: bytes, start: int, end: int) -> int:
    """Number of CR and LF characters."""
    feeds = raw.count(b"\n", start, end)
    return feeds and feeds + raw.count(b"\r", start, end)


def _restarted(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Skips what is not in the alphabet and starts anew after padding, as Thunderbird and Apple Mail do."""
    odd = set()
    kept = data.translate(None, _NO_BASE64)
    if len(data.translate(None, b"\r\n\t ")) != len(kept):
        odd.add(defects.BASE64_JUNK)
    if len(kept) % 4:
        odd.add(defects.BASE64_SHORT)
    decoded, last = bytearray(), 0
    for number, run in enumerate(islice(_RUN.finditer(kept), _MOST_RUNS)):
        decoded += _run(run[0])
        last = run.end()
        if number == 1:
            odd.add(defects.BASE64_AFTER_PADDING)
    if rest := kept[last:].replace(b"=", b""):
        decoded += _run(rest)
        odd.add(LIMIT_BASE64)
    if odd:
        odd.update(_too_many_lines(data, 0, len(data)))
    return bytes(decoded), tuple(sorted(odd))


def _too_many_lines(raw: bytes, start: int, end: int) -> tuple[str, ...]:
    lines = max(raw.count(b"\n", start, end), raw.count(b"\r", start, end))
    return (LIMIT_BASE64,) * (lines > _MOST_LINES)


def _run(run: bytes | bytearray) -> bytes:
    """Characters of the alphabet alone.  One to spare is 6 bits of a byte: nothing.  Two or three are one or two bytes
    without their padding."""
    spare = len(run) % 4
    return binascii.a2b_base64(run[:-1] if spare == 1 else run + b"=" * (-spare % 4))


def rivals(body: bytes) -> Iterator[Rival]:
    """What else readers make of a damaged body."""
    yield from _around_padding(body.translate(None, _NO_BASE64))
    if b"-" in body or b"_" in body:
        safe = body.translate(_URL_SAFE).translate(None, _NO_CHARACTER)
        yield Rival("base64-url-safe", _run(safe), False)
    if not _too_many_lines(body, 0, len(body)):  # which have been told
        # Decoders that work line by line drop what is left of each.
        yield Rival("base64-by-lines", _by_lines(body), False)
        yield Rival("base64-cut-at-junk", _cut_at_junk(body), False)
    paragraphs = _PARAGRAPH.split(body, maxsplit=_PARAGRAPHS)
    for number in range(1, len(paragraphs)):
        rest = b"".join(paragraphs[number:]).translate(None, _NO_CHARACTER)
        yield Rival(f"base64-from-paragraph-{number + 1}", _run(rest), False)


def _around_padding(kept: bytes) -> Iterator[Rival]:
    padding = kept.find(b"=")
    padding = len(kept) if padding < 0 else padding
    groups = padding // 4 * 4
    start = binascii.a2b_base64(memoryview(kept)[:groups])  # which all of them have
    yield Rival(STOPPED, start + _run(kept[groups:padding]), True)  # mutt: the first padding ends it
    if padding < len(kept):
        # Outlook goes on behind padding without a new start.
        yield Rival("base64-joined", start + _run(kept[groups:].replace(b"=", b"")), True)
        yield Rival("base64-by-fours", start + _by_fours(kept[groups:]), False)


def _by_lines(body: bytes) -> bytes:
    decoded, sound = bytearray(), bytearray()
    for line in _LINE.finditer(body):
        kept = line[0].translate(None, _NO_BASE64) if line[2] else line[1]
        kept = kept[: len(kept) // 4 * 4]
        if b"=" not in kept:
            sound += kept
            if len(sound) < _AT_ONCE:
                continue
            kept = b""
        decoded += binascii.a2b_base64(sound) + _run(kept.replace(b"=", b""))
        sound.clear()
    decoded += binascii.a2b_base64(sound)
    return bytes(decoded)


def _cut_at_junk(body: bytes) -> bytes:
    """Each line up to the first character that is none of base64, as a reader does that takes "#" for a comment."""
    heads = bytearray()
    for line in _HEAD.finditer(body):
        heads += line[1]
    return _run(heads.translate(None, b"="))


def _by_fours(kept: bytes) -> bytes:
    """Every four characters by themselves, wherever in them the padding stands; stops at MOST_PADDING."""
    pieces: list[bytes] = []
    at = 0
    for _ in range(MOST_PADDING):
        padding = kept.find(b"=", at)
        if padding < 0:
            break
        group = padding - (padding - at) % 4
        pieces += [binascii.a2b_base64(kept[at:group]), _run(kept[group : group + 4].replace(b"=", b""))]
        at = group + 4
    pieces.append(_run(kept[at:].replace(b"=", b"")))
    return b"".join(pieces)
