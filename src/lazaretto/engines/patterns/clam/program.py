"""Entry point and sections of PE and ELF programs, as offsets into the file: what signatures count from.

Only what is needed for that, and nothing is believed: every offset may lie outside of the file.
Sources: Microsoft, "PE Format"; System V ABI, "Object Files".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SECTIONS = 96  # that Windows loads; an ELF may have more, which no signature names
_SECTOR = 0x200


@dataclass(frozen=True, slots=True)
class Layout:
    entry: int
    sections: tuple[tuple[int, int], ...]  # offset and length in the file


def read(data: bytes) -> Layout | None:
    """None when it is neither, or too damaged to say."""
    try:
        if data[:2] == b"MZ":
            return _pe(data)
        if data[:4] == b"\x7fELF":
            return _elf(data)
    except (struct.error, IndexError):
        return None
    return None


def _pe(data: bytes) -> Layout | None:
    (head,) = struct.unpack_from("<I", data, 0x3C)
    if data[head : head + 4] != b"PE\0\0":
        return None
    count, optional = struct.unpack_from("<H12xH", data, head + 6)
    (entry,) = struct.unpack_from("<I", data, head + 24 + 16)
    table = head + 24 + optional
    sections, place = [], None
    for number in range(min(count, SECTIONS)):
        virtual, address, length, raw = struct.unpack_from("<IIII", data, table + 40 * number + 8)
        raw -= raw % _SECTOR  # as the loader of Windows rounds
        sections.append((raw, min(length, max(0, len(data) - raw))))
        if place is None and address <= entry < address + max(length, virtual):
            place = entry - address + raw
    return Layout(entry if place is None else place, tuple(sections))


def _elf(data: bytes) -> Layout | None:
    wide, order = data[4] == 2, ">" if data[5] == 2 else "<"
    if wide:
        entry, programs, sections = struct.unpack_from(order + "QQQ", data, 0x18)
        _, size, count, width, many = struct.unpack_from(order + "HHHHH", data, 0x34)
    else:
        entry, programs, sections = struct.unpack_from(order + "III", data, 0x18)
        _, size, count, width, many = struct.unpack_from(order + "HHHHH", data, 0x28)
    place = 0
    for number in range(min(count, SECTIONS)):
        at = programs + number * size
        if wide:
            offset, address, _, length = struct.unpack_from(order + "QQQQ", data, at + 8)
        else:
            offset, address, _, length = struct.unpack_from(order + "IIII", data, at + 4)
        if address <= entry < address + length:
            place = entry - address + offset
            break
    found = []
    for number in range(min(many, SECTIONS)):
        at = sections + number * width
        found.append(struct.unpack_from(order + ("QQ" if wide else "II"), data, at + (24 if wide else 16)))
    return Layout(place, tuple((offset, length) for offset, length in found))
