"""The form that OneDrive and SharePoint give out ([MS-ONESTORE] 2.8): stream objects of [MS-FSSHTTPB] 2.2.1.

They stand one behind the other; what holds others is walked through like the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

FORMAT = bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7")  # {638DE92F-A6D4-4BC1-9A36-B3FC2511A5B7}
_FIRST = 68  # four GUIDs and four bytes
_BLOB, _DATA = 0x02, 0x16
_LARGE = 0x7FFF
_OBJECTS = 500_000


class Item(NamedTuple):
    blob: bool  # a file; else the properties of an object
    data: bytes


def items(data: bytes) -> Iterator[Item]:
    """What can be read before something is none of them."""
    at = _FIRST
    for _ in range(_OBJECTS):
        if at >= len(data):
            return
        kind = data[at] & 3
        if kind in (1, 3):  # an end, of one byte or two
            at += 1 if kind == 1 else 2
            continue
        type_, size, at = _head(data, at)
        body = data[at : at + size]
        at += size
        if type_ == _BLOB:
            yield Item(True, _binary(body, 0))
        elif type_ == _DATA:
            yield Item(False, _object(body))


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """2.2.1.5: of two bytes or of four, the length of long ones behind it."""
    if not data[at] & 3:
        head = int.from_bytes(data[at : at + 2], "little")
        return head >> 3 & 0x3F, head >> 9 & 0x7F, at + 2
    head = int.from_bytes(data[at : at + 4], "little")
    type_, size, at = head >> 3 & 0x3FFF, head >> 17 & 0x7FFF, at + 4
    if size == _LARGE:
        size, at = _number(data, at)
    return type_, size, at


def _number(data: bytes, at: int) -> tuple[int, int]:
    """2.2.1.1, a compact number: as many zero bits in front as further bytes, nine for eight bytes."""
    first = data[at] if at < len(data) else 0
    if not first:
        return 0, at + 1
    low = (first & -first).bit_length()
    width = low if low < 8 else 9
    value = int.from_bytes(data[at : at + width], "little")
    return (value >> low if low < 8 else value >> 8), at + width


def _binary(body: bytes, at: int) -> bytes:
    size, at = _number(body, at)
    return body[at : at + size]


def _object(body: bytes) -> bytes:
    """2.2.1.12.6.4: arrays of ids of objects and of cells in front."""
    at = 0
    for cells in (1, 2):
        count, at = _number(body, at)
        for _ in range(min(count, len(body)) * cells):
            if at >= len(body):
                return b""
            at = _id(body, at)
    return _binary(body, at)


def _id(body: bytes, at: int) -> int:
    """2.2.1.7, an extended GUID: its number in four widths, then the GUID; a zero alone is none."""
    first = body[at]
    if not first:
        return at + 1
    if first & 7 == 4:
        return at + 17
    if first & 0x3F == 0x20:
        return at + 18
    if first & 0x7F == 0x40:
        return at + 19
    return at + 21
