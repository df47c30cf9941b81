"""Executables, written byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

EXECUTE, WRITE = 0x20000000, 0x80000000
BASE = 0x400000


def pe_of(
    sections: Sequence[tuple[bytes, bytes, int]],
    *,
    entry: int = 0x1000,
    directories: Sequence[tuple[int, tuple[int, int]]] = (),
    behind: bytes = b"",
    spans: Sequence[int] = (),
    wide: bool = False,
) -> bytes:
    """Sections of (name, content, flags), at 0x1000, 0x2000 ... in memory and aligned to 512 in the file; ``spans``
    are sizes in memory where they are not the content's."""
    optional = 240 if wide else 224
    table = bytearray(16 * 8)
    for number, pair in directories:
        struct.pack_into("<II", table, 8 * number, *pair)
    rows, body, start, address = b"", b"", 0x400, 0x1000
    for number, (name, content, flags) in enumerate(sections):
        span = spans[number] if number < len(spans) else len(content)
        padded = content.ljust(-(-len(content) // 512) * 512, b"\0")
        place = start + len(body) if content else 0
        rows += struct.pack("<8sIIII12xI", name, span, address, len(padded), place, flags)
        body += padded
        address += -(-max(span, 1) // 0x1000) * 0x1000
    machine, magic = (0x8664, 0x20B) if wide else (0x14C, 0x10B)
    header = struct.pack("<4sHHIIIHH", b"PE\0\0", machine, len(sections), 0, 0, 0, optional, 0x102)
    header += struct.pack("<HBBIIIII", magic, 0, 0, 0, 0, 0, entry, 0x1000)
    header += struct.pack("<QII", BASE, 0x1000, 512) if wide else struct.pack("<IIII", 0, BASE, 0x1000, 512)
    header += struct.pack("<HHHHHHIIIIHH", 4, 0, 0, 0, 4, 0, 0, address, 0x400, 0, 3, 0)
    header += bytes(32 if wide else 16) + struct.pack("<II", 0, 16) + bytes(table)
    stub = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
    return (stub.ljust(0x80, b"\0") + header + rows).ljust(0x400, b"\0") + body + behind


def elf_of(content: bytes, behind: bytes = b"") -> bytes:
    """64 bits, one segment, no sections."""
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    size = 120 + len(content)
    return head + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 0x1000) + content + behind


def mach_of(content: bytes, behind: bytes = b"") -> bytes:
    size = 32 + 72 + len(content)
    head = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x01000007, 3, 2, 1, 72, 0, 0)
    return head + struct.pack("<II16sQQQQiiII", 0x19, 72, b"__TEXT", 0, size, 0, size, 7, 5, 0, 0) + content + behind


class Samples:
    """The functions of this file, for test modules that cannot import it."""

    execute, write, base = EXECUTE, WRITE, BASE
    pe_of, elf_of, mach_of = map(staticmethod, (pe_of, elf_of, mach_of))
    folder = Path("/usr/share/clamav-testfiles")  # Debian's package of that name

    @classmethod
    def clam(cls, name: str) -> bytes:
        return (cls.folder / name).read_bytes()

    @classmethod
    def code(cls) -> bytes:
        """What all of these files carry: the code of a harmless little program."""
        return cls.clam("clam.exe")[0x40:0x7B]


@pytest.fixture(scope="session")
def samples() -> type[Samples]:
    return Samples
