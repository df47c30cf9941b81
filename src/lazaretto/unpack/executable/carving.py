"""Where in a heap of bytes an archive, a document or a program begins: by marks long enough, or checked enough, that
chance makes none of them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

MOST = 16  # places of one kind
_TRIED = 20_000  # marks of one kind that are looked at


class Place(NamedTuple):
    start: int
    what: str  # a file's extension


class _Mark(NamedTuple):
    magic: bytes
    what: str
    before: int = 0  # bytes of the file that stand in front of the mark
    check: Callable[[bytes, int], bool] = lambda data, at: True
    once: bool = False  # its unpacker finds the others behind the first itself


def _is_zip(data: bytes, at: int) -> bool:
    """APPNOTE 4.3.7: a version, a method and a name as they can be."""
    if at + 30 > len(data):
        return False
    version, _, method = struct.unpack_from("<HHH", data, at + 4)
    name, extra = struct.unpack_from("<HH", data, at + 26)
    return bool(version & 0xFF <= 63) and method <= 99 and 0 < name < 1024 and at + 30 + name + extra <= len(data)


def _is_gzip(data: bytes, at: int) -> bool:
    """RFC 1952 section 2.3.1: no reserved flag, and what follows can be inflated."""
    flags = data[at + 3 : at + 4]
    if not flags or flags > b"\x1f":
        return False
    try:
        zlib.decompressobj(31).decompress(data[at : at + 512], 64)
    except zlib.error:
        return False
    return True


def _is_program(data: bytes, at: int) -> bool:
    if at + 64 > len(data):
        return False
    header, = struct.unpack_from("<I", data, at + 60)  # fmt: skip
    return 4 <= header < 4096 and data[at + header : at + header + 4] == b"PE\0\0"


def _is_arj(data: bytes, at: int) -> bool:
    """The main header's own checksum."""
    size = int.from_bytes(data[at + 2 : at + 4], "little")
    header = data[at + 4 : at + 4 + size]
    return 30 <= size <= 2600 and zlib.crc32(header) == int.from_bytes(data[at + 4 + size : at + 8 + size], "little")


def _is_lha(data: bytes, at: int) -> bool:
    start = at - 2
    if start < 0 or data[at + 3 : at + 5] not in _LHA or start + 22 > len(data) or data[start + 20] > 2:
        return False
    if data[start + 20] == 2:
        return True
    return sum(data[start + 2 : start + 2 + data[start]]) & 0xFF == data[start + 1]  # the header's sum


_LHA = frozenset(b"%c-" % digit for digit in b"01234567")


def _is_seven_zip(data: bytes, at: int) -> bool:
    """7zFormat.txt, SignatureHeader: the checksum of where the other header is."""
    return zlib.crc32(data[at + 12 : at + 32]) == int.from_bytes(data[at + 8 : at + 12], "little")


def _is_cabinet(data: bytes, at: int) -> bool:
    """[MS-CAB] 2.1: the size, reserved fields, version 1.3."""
    size = int.from_bytes(data[at + 8 : at + 12], "little")
    return 36 <= size <= len(data) - at and data[at + 12 : at + 16] == bytes(4) and data[at + 24 : at + 26] == b"\3\1"


_MARKS = (
    _Mark(b"7z\xbc\xaf\x27\x1c\0", "7z"),
    _Mark(b"Rar!\x1a\x07", "rar", once=True),
    _Mark(b"PK\x03\x04", "zip", 0, _is_zip, once=True),
    _Mark(b"MSCF\0\0\0\0", "cab"),
    _Mark(b"\xfd7zXZ\0", "xz"),
    _Mark(b"\x1f\x8b\x08", "gz", 0, _is_gzip),
    _Mark(b"1AY&SY", "bz2", 4, lambda data, at: data[at - 4 : at - 1] == b"BZh", once=True),
    _Mark(b"\x28\xb5\x2f\xfd", "zst", 0, lambda data, at: not data[at + 4] & 8 if at + 4 < len(data) else False),
    _Mark(b"LZIP\x01", "lz"),
    _Mark(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    _Mark(b"%PDF-1.", "pdf", once=True),
    _Mark(b"ITSF\x03\0\0\0", "chm"),
    _Mark(b"MSWIM\0\0\0", "wim"),
    _Mark(b"SZDD\x88\xf0\x27\x33", "szdd"),
    _Mark(b"\xef\xbe\xad\xdeNullsoftInst", "nsis", 4),
    _Mark(b"\x60\xea", "arj", 0, _is_arj),
    _Mark(b"-lh", "lzh", 2, _is_lha, once=True),
    _Mark(b"MZ", "exe", 0, _is_program),
)

# What the launchers of self-extracting archives look for in their own file, wherever it stands.  Zip and RAR are told
# by the true type already.
_LAUNCHED = (
    _Mark(b"7z\xbc\xaf\x27\x1c\0", "7z", 0, _is_seven_zip),
    _Mark(b"MSCF\0\0\0\0", "cab", 0, _is_cabinet),
    # NSIS, Source/exehead: looked for in steps of 512 bytes.
    _Mark(b"\xef\xbe\xad\xdeNullsoftInst", "nsis", 4, lambda data, at: at % 512 == 4),
)


def launched(data: bytes, start: int, end: int) -> Iterator[Place]:
    """What a launcher would find between two places, which its header calls a part of the program."""
    for mark in _LAUNCHED:
        at, found = data.find(mark.magic, start, end), 0
        for _ in range(_TRIED):
            if at < 0 or found > MOST:
                break
            if mark.check(data, at):
                found += 1
                yield Place(at - mark.before, mark.what)
            at = data.find(mark.magic, at + 1, end)


def places(data: bytes, start: int = 0) -> Iterator[Place]:
    """In the order of the kinds; at most ``MOST`` of a kind, and one more where there are more."""
    for mark in _MARKS:
        found = 0
        at = data.find(mark.magic, start + mark.before)
        for _ in range(_TRIED):
            if at < 0:
                break
            if mark.check(data, at):
                found += 1
                yield Place(at - mark.before, mark.what)
                if mark.once or found > MOST:
                    break
            at = data.find(mark.magic, at + 1)
        else:
            if at >= 0:  # so many false ones stand there on purpose: what is behind them was not looked at
                yield from (Place(at, mark.what) for _ in range(MOST + 1 - found))
