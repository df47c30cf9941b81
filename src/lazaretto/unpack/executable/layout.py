"""What the loader of a system takes of an executable file: its sections, its entry point, and where it ends.

PE by Microsoft's "PE Format", ELF by the System V ABI (gabi), Mach-O by Apple's loader.h, DOS by the header's pages.
What a loader would refuse is not refused here: somebody may run it elsewhere, and all that is wanted is what is in it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_SECTIONS = 256  # the loader of Windows takes 96
_DIRECTORIES = 16
_SECTOR = 0x200  # Windows rounds the place of a section in the file down to it, whatever the header says
EXECUTE, WRITE = 0x20000000, 0x80000000  # IMAGE_SCN_MEM_*
CERTIFICATES = 4  # of the data directories: the only one whose address is an offset in the file
_NOBITS = 8  # ELF: a section that takes no room in the file
_LOAD = 1  # ELF: PT_LOAD
_MACH = {b"\xce\xfa\xed\xfe": ("<", 28), b"\xcf\xfa\xed\xfe": ("<", 32), b"\xfe\xed\xfa\xce": (">", 28),
         b"\xfe\xed\xfa\xcf": (">", 32)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the file and where it comes to lie in memory (relative to the base)."""

    name: bytes
    address: int
    size: int
    start: int
    length: int
    flags: int = 0

    @property
    def span(self) -> int:
        """In memory: Windows takes the size in the file where the other is 0."""
        return self.size or self.length


@dataclass(frozen=True, slots=True)
class Image:
    """An executable as its loader sees it."""

    format: str  # "PE", "ELF", "Mach-O", "DOS"
    end: int  # of what the loader takes; what stands behind is the overlay
    machine: int = 0
    wide: bool = False  # 64 bits
    base: int = 0
    entry: int = 0
    size: int = 0  # of the whole image in memory
    headers: int = 0  # bytes of the file that lie in front of the sections, in memory too
    sections: tuple[Section, ...] = ()
    directories: tuple[tuple[int, int], ...] = ()
    slices: tuple[tuple[int, int], ...] = ()  # start and end of the files in a universal binary

    def at(self, address: int) -> Section | None:
        """The section that an address lies in."""
        return next((each for each in self.sections if each.address <= address < each.address + each.span), None)

    def offset(self, address: int) -> int | None:
        """Where in the file the byte of an address is; None for one that is not in the file."""
        for section in self.sections:
            if section.address <= address < section.address + section.length:
                return section.start + address - section.address
        return address if address < self.headers else None

    def directory(self, number: int) -> tuple[int, int]:
        return self.directories[number] if number < len(self.directories) else (0, 0)


def read(data: bytes) -> Image | None:
    """None for what is no executable, or one whose header is cut off."""
    try:
        if data[:2] in (b"MZ", b"ZM"):
            return _windows(data)
        if data[:4] == b"\x7fELF":
            return _elf(data)
        if data[:4] == b"\xca\xfe\xba\xbe":
            return _universal(data)
        if data[:4] in _MACH:
            return _mach(data)
    except (struct.error, IndexError):  # the header ends early
        pass
    return None


def _windows(data: bytes) -> Image | None:
    at = struct.unpack_from("<I", data, 0x3C)[0] if len(data) >= 0x40 else 0
    if data[at : at + 4] == b"PE\0\0":
        return _pe(data, at)
    last, pages = struct.unpack_from("<HH", data, 2)  # bytes in the last page, pages of 512 bytes
    end = pages * 512 - (512 - last if 0 < last < 512 else 0)
    if at >= 0x40 and data[at : at + 2] in (b"NE", b"LE", b"LX"):  # what the DOS part does not load, they do
        end = max(end, at)
    return Image("DOS", min(end, len(data)) if end >= 28 else len(data))


def _pe(data: bytes, at: int) -> Image:
    machine, count, _, _, _, optional, _ = struct.unpack_from("<HHIIIHH", data, at + 4)
    magic, = struct.unpack_from("<H", data, at + 24)  # fmt: skip
    entry, = struct.unpack_from("<I", data, at + 40)  # fmt: skip
    wide = magic == 0x20B
    base, = struct.unpack_from("<Q" if wide else "<I", data, at + (48 if wide else 52))  # fmt: skip
    size, headers = struct.unpack_from("<II", data, at + 80)
    first = at + (132 if wide else 116)  # NumberOfRvaAndSizes
    wanted = min(int.from_bytes(data[first : first + 4], "little"), _DIRECTORIES)
    given = max(0, min(wanted, (len(data) - first - 4) // 8))
    directories = tuple(struct.unpack_from("<II", data, first + 4 + 8 * number) for number in range(given))
    sections = []
    table = at + 24 + optional
    for number in range(min(count, _SECTIONS)):
        place = table + 40 * number
        if place + 40 > len(data):
            break
        name, span, address, length, start, flags = struct.unpack_from("<8sIIII12xI", data, place)
        length += start % _SECTOR if length else 0
        start = start // _SECTOR * _SECTOR
        sections.append(
            Section(name.rstrip(b"\0"), address, span, start, max(0, min(length, len(data) - start)), flags)
        )
    ends = [section.start + section.length for section in sections if section.length]
    end = min(max([*ends, min(headers, len(data)), table + 40 * len(sections)]), len(data))
    return Image("PE", end, machine, wide, base, entry, size, headers, tuple(sections), directories)


def _elf(data: bytes) -> Image:
    wide, order = data[4] == 2, ">" if data[5] == 2 else "<"
    machine, = struct.unpack_from(order + "H", data, 18)  # fmt: skip
    entry, programs, table = struct.unpack_from(order + ("QQQ" if wide else "III"), data, 24)
    _, program_size, program_count, size, count, _ = struct.unpack_from(order + "HHHHHH", data, 52 if wide else 40)
    ends = [programs + program_size * program_count, table + size * count]
    sections = []
    for number in range(min(program_count, _SECTIONS)):
        at = programs + program_size * number
        if at + (56 if wide else 32) > len(data):
            break
        if wide:
            kind, flags, start, address, _, length, span = struct.unpack_from(order + "IIQQQQQ", data, at)
        else:
            kind, start, address, _, length, span, flags = struct.unpack_from(order + "IIIIIII", data, at)
        ends.append(start + length)
        if kind == _LOAD:
            access = (EXECUTE if flags & 1 else 0) | (WRITE if flags & 2 else 0)
            sections.append(Section(b"", address, span, start, max(0, min(length, len(data) - start)), access))
    for number in range(min(count, 10 * _SECTIONS)):
        at = table + size * number
        if at + (64 if wide else 40) > len(data):
            break
        kind, = struct.unpack_from(order + "I", data, at + 4)  # fmt: skip
        start, length = struct.unpack_from(order + ("QQ" if wide else "II"), data, at + (24 if wide else 16))
        if kind != _NOBITS:
            ends.append(start + length)
    end = max([end for end in ends if end <= len(data)], default=len(data))
    return Image("ELF", end, machine, wide, 0, entry, sections=tuple(sections))


def _universal(data: bytes) -> Image:
    count = min(int.from_bytes(data[4:8]), _SECTIONS)
    slices = []
    for number in range(count):
        start, length = struct.unpack_from(">8xII", data, 8 + 20 * number)
        if start < len(data):
            slices.append((start, min(start + length, len(data))))
    return Image("Mach-O", max([end for _, end in slices], default=len(data)), slices=tuple(slices))


def _mach(data: bytes) -> Image:
    order, at = _MACH[data[:4]]
    machine, count = struct.unpack_from(order + "I8xI", data, 4)
    ends, sections = [at], []
    for _ in range(min(count, 10 * _SECTIONS)):
        if at + 8 > len(data):
            break
        kind, size = struct.unpack_from(order + "II", data, at)
        if kind in (1, 0x19):  # LC_SEGMENT, LC_SEGMENT_64
            form = "16sIIIIi" if kind == 1 else "16sQQQQi"
            name, address, span, start, length, access = struct.unpack_from(order + form, data, at + 8)
            flags = (EXECUTE if access & 4 else 0) | (WRITE if access & 2 else 0)
            sections.append(
                Section(name.rstrip(b"\0"), address, span, start, max(0, min(length, len(data) - start)), flags)
            )
            ends.append(start + length)
        elif kind in (0x1D, 0x2, 0xB):  # LC_CODE_SIGNATURE, LC_SYMTAB, LC_DYSYMTAB: nothing loads them
            start, length = struct.unpack_from(order + "II", data, at + 8)
            ends.append(start + length if kind == 0x1D else 0)
        if size < 8:
            break
        at += size
    end = max([end for end in ends if end <= len(data)], default=len(data))
    return Image("Mach-O", end, machine, at > 28, sections=tuple(sections))
