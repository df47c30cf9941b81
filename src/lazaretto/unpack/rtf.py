"""Rich Text Format (RTF 1.9.1): objects and pictures, which stand there in hexadecimal digits.

Word reads RTF leniently and attackers know it: blanks, other control words, groups and binary runs stand between the
digits.  Groups inside the data are read in both ways, skipped and taken along, and an object in the data of another is
read for itself as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import LimitExceeded
from lazaretto.mime.decode import text
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.office import objects
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.identify import extension, identify
from lazaretto.unpack.signatures import RTF

_DATA = re.compile(rb"\\(?P<word>objdata|datastore|themedata|pict)(?![a-zA-Z])(?P<number>-?[0-9]*+)[ ]?")
_TOKEN = re.compile(
    rb"(?P<hex>[0-9A-Fa-f\s]+)|(?P<open>\{)|(?P<close>\})|\\bin(?P<bin>[0-9]++)[ ]?|\\'[^{}\\]{0,2}"
    rb"|\\(?P<word>[a-zA-Z]+)-?[0-9]*+[ ]?|\\[^a-zA-Z]|[^0-9A-Fa-f{}\\\s]+"
)
_BLANKS = b" \t\r\n\v\f"
_TIMES = 4  # how often the bytes of a document may be read, by data in the data of others
_TOKENS = 3_000_000  # of one document; each takes half a microsecond
_LONGEST_NUMBER = 18  # digits; no file has so many bytes
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_URL_MONIKER = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")  # {79EAC9E0-BAF9-11CE-8C82-00AA004BA90B}
_NEAR = 16 * 1024
_UPDATE = re.compile(rb"\\objupdate(?![a-zA-Z])")
# A template is fetched when the document is opened, wherever it is; its name may be written in \\u escapes.
_TEMPLATE = re.compile(rb"\\\*[\r\n ]{0,20}\\template(?![a-zA-Z])[ ]?([^{}]{1,2000})")
_REMOTE = re.compile(r"(?:https?|ftp|file|smb)\s*:|\\\\|//", re.IGNORECASE)
_UNICODE = re.compile(rb"\\u(-?[0-9]{1,6}) ?(?:\\'[0-9A-Fa-f]{2}|[^\\{}\r\n])?|\\'([0-9A-Fa-f]{2})")
_HEADER = b"0105000002000000"  # of an embedded object, as everybody writes it


class Rtf(Unpacker):
    """Every embedded object, packaged files under their names; pictures; templates that are fetched."""

    name: ClassVar[str] = "rtf"
    types: ClassVar[frozenset[str]] = frozenset({RTF})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data, some, remote, work = artifact.data, False, False, _Work(len(artifact.data))
        # All, also those that stand in the data of others: where that ends, readers do not agree.
        for start in _DATA.finditer(data):
            some = True
            for digits in _Digits(data, start, work).readings():
                if octets := bytes.fromhex(digits[: len(digits) & ~1].decode("ascii")):
                    remote = remote or (start["word"] == b"objdata" and _is_remote(octets))
                    yield from _members(start["word"], octets)
            if work.done:
                break
        if some and _UPDATE.search(data):
            severity = Severity.MEDIUM if remote else Severity.INFORMATIONAL
            yield _finding("rtf.update", "an object that is brought up to date when the document is opened", severity)
        for template in _TEMPLATE.finditer(data):
            target = _unescaped(template[1])
            if _REMOTE.search(target):
                yield _finding("rtf.template", one_line(target, 200))
                break
        if work.done:
            raise LimitExceeded("rtf", "objects of too many words, or in one another")


def _finding(name: str, evidence: str, severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding("unpack", name, Kind.SCRIPT, severity, evidence=(evidence,))


def _is_remote(octets: bytes) -> bool:
    """Whether an object names something elsewhere: by a moniker for URLs, or in its texts."""
    return _URL_MONIKER in octets or any(
        each in octets[:_NEAR].replace(b"\0", b"").lower() for each in (b"http:", b"https:", b"file://", b"\\\\")
    )


def _unescaped(name: bytes) -> str:
    def character(found: re.Match[bytes]) -> bytes:
        return chr(int(found[1] or b"0x" + found[2], 0 if found[2] else 10) & 0xFFFF).encode("utf-8", "replace")

    return _UNICODE.sub(character, name).decode("utf-8", "replace").replace("\\\\", "\\").strip()


class _Work:
    """The budget for reading one document."""

    def __init__(self, size: int) -> None:
        self._bytes, self._tokens = _TIMES * size + (1 << 20), _TOKENS

    @property
    def done(self) -> bool:
        return self._bytes < 0 or self._tokens < 0

    def spend(self, size: int) -> None:
        self._bytes -= size
        self._tokens -= 1


class _Digits:
    """The digits of one object: without those in groups inside it, and with them."""

    def __init__(self, data: bytes, start: re.Match[bytes], work: _Work) -> None:
        self._tight, self._loose, depth = bytearray(), bytearray(), 0
        self._rest = b""
        self._picture = start["word"] == b"pict"
        # What stands directly behind the word is its parameter, and to careless readers the first digits.
        self._number = start["number"].lstrip(b"-")
        at = start.end()
        while not work.done and (token := _TOKEN.match(data, at)) is not None:
            work.spend(token.end() - at)
            at = token.end()
            if token["hex"]:
                digits = token["hex"].translate(None, _BLANKS)
                self._loose += digits
                if not depth:
                    self._tight += digits
            elif token["open"]:
                depth += 1
            elif token["close"]:
                depth -= 1
                if depth < 0:
                    break
            elif token["bin"]:
                size = int(token["bin"]) if len(token["bin"].lstrip(b"0")) <= _LONGEST_NUMBER else len(data)
                if size > len(data) - at:  # to some readers the rest, to others, whose numbers are smaller, nothing
                    work.spend(len(data) - at)
                    self._rest = self._rest or bytes(self._tight) + data[at:].hex().encode()
                    continue
                work.spend(size)
                run = data[at : at + size].hex().encode()
                at += size
                self._tight += run
                self._loose += run

    def readings(self) -> Iterator[bytes]:
        given = set()
        tight, loose = bytes(self._tight), bytes(self._loose)
        numbered = [self._number + tight] if len(self._number) > 1 else []
        # A header that begins later, perhaps by an odd number of digits, is found by some reader.
        shifted = [all_[at:] for all_ in (loose, self._number + loose) if (at := all_.find(_HEADER, 1)) > 0]
        for digits in [tight, self._rest] if self._picture else [tight, loose, self._rest, *numbered, *shifted]:
            if digits and digits not in given:
                given.add(digits)
                yield digits


def _members(word: bytes, octets: bytes) -> Iterator[Member]:
    """``datastore`` holds an object as well, of the class that reads it."""
    if word == b"pict":
        yield Member((f"picture.{extension(identify(octets))}",), [octets])
        return
    if word == b"themedata":
        yield Member((f"{word.decode()}.bin",), [octets])
        return
    member = _member(octets)
    yield member
    at = octets.find(_OLE)
    if member.names == ("object.bin",) and at > 0:  # its header is wrong; some reader finds it all the same
        yield Member(("object.ole",), [octets[at:]])


def _member(octets: bytes) -> Member:
    native = objects.native(octets)
    if native is None:
        return Member(("object.bin",), [octets])
    if native.name == b"Package" and (packaged := objects.packaged(native.data)):
        return Member(packaged.names, [packaged.data])
    return Member((text(native.name) or "object.bin",), [native.data])
