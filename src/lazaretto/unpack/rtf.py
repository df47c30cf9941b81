"""Objects in Rich Text Format (RTF 1.9.1, "Objects"): the hexadecimal data behind ``\\objdata``.

Word reads RTF leniently and attackers know it: blanks, other control words, groups and binary runs stand between the
digits.  Both readings of a group inside the data, skipped and taken along, are decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from lazaretto.mime.decode import text
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import RTF

_OBJECT = re.compile(rb"\\objdata(?![a-zA-Z])")
_TOKEN = re.compile(
    rb"(?P<hex>[0-9A-Fa-f]+)|(?P<open>\{)|(?P<close>\})|\\bin(?P<bin>[0-9]{1,9})[ ]?|\\'[^{}\\]{0,2}"
    rb"|\\[a-zA-Z]+-?[0-9]{0,10}[ ]?|\\[^a-zA-Z]|[^0-9A-Fa-f{}\\]+"
)
_EMBEDDED = 2  # [MS-OLEDS] 2.2.4: FormatID of an embedded object
_LONGEST_NAME = 1_000  # bytes of a class or file name


class Rtf(Unpacker):
    """Every embedded object: packaged files under their names, others as they are."""

    name: ClassVar[str] = "rtf"
    types: ClassVar[frozenset[str]] = frozenset({RTF})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        at = 0
        while (start := _OBJECT.search(data, at)) is not None:
            tight, loose, at = _digits(data, start.end())
            for digits in dict.fromkeys((tight, loose)):
                if octets := bytes.fromhex(digits[: len(digits) & ~1].decode("ascii")):
                    yield _member(octets)


def _digits(data: bytes, at: int) -> tuple[bytes, bytes, int]:
    """The digits of one object, without and with those in groups inside it, and where it ends."""
    tight, loose, depth = bytearray(), bytearray(), 0
    while (token := _TOKEN.match(data, at)) is not None:
        at = token.end()
        if digits := token["hex"]:
            loose += digits
            if not depth:
                tight += digits
        elif token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
            if depth < 0:
                break
        elif token["bin"]:
            run = data[at : at + int(token["bin"])].hex().encode()
            at = min(at + int(token["bin"]), len(data))
            tight += run
            loose += run
    return bytes(tight), bytes(loose), max(at, 1)


def _member(octets: bytes) -> Member:
    native = _native(octets)
    if native is None:
        return Member(("object.bin",), [octets])
    if native.name == b"Package" and (packaged := _packaged(native.data)):
        return Member(packaged.names, [packaged.data])
    return Member((text(native.name) or "object.bin",), [native.data])


class _Native(NamedTuple):
    name: bytes  # of its class
    data: bytes


def _native(octets: bytes) -> _Native | None:
    """[MS-OLEDS] 2.2.5: an embedded object; None when it is none, or damaged so that nobody would find its data."""
    if int.from_bytes(octets[4:8], "little") != _EMBEDDED:
        return None
    names, at = [], 8
    for _ in range(3):  # class, topic, item: each with its length, the zero at the end counted
        size = int.from_bytes(octets[at : at + 4], "little")
        if size > _LONGEST_NAME:
            return None
        names.append(octets[at + 4 : at + 4 + size].rstrip(b"\0"))
        at += 4 + size
    return _Native(names[0], octets[at + 4 :])  # a wrong size stops no reader


class _Packaged(NamedTuple):
    names: tuple[str, ...]
    data: bytes


def _packaged(data: bytes) -> _Packaged | None:
    """The file in an object of the class Package (no specification; as the Object Packager writes it): 2, a label, a
    path, 3, the path of a temporary file with its length, the file with its length."""
    label, after, rest = data[2:].partition(b"\0")
    path, _, rest = rest.partition(b"\0")
    if data[:2] != b"\x02\0" or not after or len(label) > _LONGEST_NAME or len(path) > _LONGEST_NAME:
        return None
    skip = 8 + int.from_bytes(rest[4:8], "little")
    if skip > 8 + _LONGEST_NAME or len(rest) < skip + 4:
        return None
    size = int.from_bytes(rest[skip : skip + 4], "little")
    names = dict.fromkeys(text(name) for name in (label, path.replace(b"\\", b"/").rpartition(b"/")[2]) if name)
    return _Packaged(tuple(names), rest[skip + 4 : skip + 4 + size])
