"""Records of PowerPoint ([MS-PPT]) and of drawings ([MS-ODRAW]): a head of eight bytes, then data or more records."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from lazaretto.errors import LimitExceeded

MOST: Final = 1_000_000  # records of one stream
_CONTAINER = 15  # [MS-PPT] 2.3.1: recVer of a record of records
_STORE_ENTRY = 0xF007  # [MS-ODRAW] 2.2.32: a picture may lie in its entry, behind 36 bytes and a name
_BLIPS = range(0xF018, 0xF118)  # 2.2.23
_METAFILES = {0xF01A: (0x3D5, "emf"), 0xF01B: (0x217, "wmf"), 0xF01C: (0x543, "pict")}  # instance with two digests
_BITMAPS = {
    0xF01D: ((0x46B, 0x6E3), "jpg"),
    0xF01E: ((0x6E1,), "png"),
    0xF01F: ((0x7A9,), "dib"),
    0xF029: ((0x6E5,), "tif"),
    0xF02A: ((0x46B, 0x6E3), "jpg"),
}
_METAFILE_HEAD = 34  # 2.2.31


class Record(NamedTuple):
    kind: int
    instance: int
    start: int  # of what is in it
    end: int


class Picture(NamedTuple):
    extension: str
    data: bytes
    packed: bool  # with zlib


def records(data: bytes, at: int = 0, end: int | None = None) -> Iterator[Record]:
    """All of them, what is in a record of records after it.  Ends where no record can be any more.  Raises
    LimitExceeded where there are too many."""
    end = len(data) if end is None else min(end, len(data))
    for _ in range(MOST):
        if at + 8 > end:
            return
        version, kind, length = struct.unpack_from("<HHI", data, at)
        stop = min(at + 8 + length, end)
        yield Record(kind, version >> 4, at + 8, stop)
        if version & 15 == _CONTAINER:
            at += 8
        elif kind == _STORE_ENTRY and length > 36:
            at += 8 + 36 + data[at + 8 + 33]  # 2.2.32: cbName
        else:
            at = stop
    raise LimitExceeded("records", f"more than {MOST} records")


def fields(kind: int, instance: int) -> tuple[int, ...] | None:
    """How many bytes each part of a picture has before its data; None for what is none."""
    if kind in _METAFILES:
        return (16,) * (1 + (instance == _METAFILES[kind][0])) + (_METAFILE_HEAD,)
    if kind in _BITMAPS:
        return (16,) * (1 + (instance in _BITMAPS[kind][0])) + (1,)
    return None


def pictures(data: bytes, at: int = 0, end: int | None = None) -> Iterator[Picture]:
    """Those among the records."""
    for each in records(data, at, end):
        if each.kind not in _BLIPS:
            continue
        if found := _METAFILES.get(each.kind):
            head = each.start + (32 if each.instance == found[0] else 16)
            packed = data[head + 32 : head + 33] == b"\0"  # 0xFE: as it is
            yield Picture(found[1], data[head + _METAFILE_HEAD : each.end], packed)
        elif bitmap := _BITMAPS.get(each.kind):
            head = each.start + (33 if each.instance in bitmap[0] else 17)
            yield Picture(bitmap[1], data[head : each.end], packed=False)
