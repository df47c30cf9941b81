# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""Programs: their parts, packers, installers."""

from __future__ import annotations

import struct

from fuzz._tree import explode, zip_of


def _program() -> bytes:
    """A packed program, as far as its header says, that jumps to what it has just written, with a zip behind it."""
    code = bytes.fromhex("be00204000b920000000803655 46e2fa e9 ec0f0000".replace(" ", ""))
    header = struct.pack("<4sHHIIIHHHBBIIIIIIIII", b"PE\0\0", 0x14C, 2, 0, 0, 0, 224, 0x102, 0x10B, 0, 0, 0, 0, 0,
                         0x1000, 0, 0, 0x400000, 0x1000, 512)  # fmt: skip
    header += struct.pack("<HHHHHHIIIIHH", 4, 0, 0, 0, 4, 0, 0, 0x3000, 0x200, 0, 3, 0) + bytes(16)
    header += struct.pack("<II", 0, 16) + bytes(128)
    rows = struct.pack("<8sIIII12xI", b".aspack", 512, 0x1000, 512, 0x200, 0xE0000020)
    rows += struct.pack("<8sIIII12xI", b"UPX0", 512, 0x2000, 512, 0x400, 0xE0000020)
    head = (b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + header + rows).ljust(0x200, b"\0")
    return head + code.ljust(512, b"\0") + b"\xc3UPX!".ljust(512, b"\x55") + zip_of()


SEEDS = (
    _program(),
    b"\x7fELF\x02\x01\x01".ljust(64, b"\0") + b"behind",
    b"ISc(" + struct.pack("<IIII", 0x01005006, 0, 20, 90) + bytes(120),
)


def target(data: bytes) -> None:
    explode(data)
