"""The layouts that real programs have are compared with clamscan's in tests/e2e/test_clamscan.py."""

from __future__ import annotations

import random
import struct
from pathlib import Path

from lazaretto.engines.patterns.clam.program import Layout, read


def pe(raw: int) -> bytes:
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0" + struct.pack("<HH12xHH", 0x14C, 1, 0x60, 2)
    optional = struct.pack("<HBBIIII", 0x10B, 0, 0, 0, 0, 0, 0x1010).ljust(0x60, b"\0")
    return (head + optional + struct.pack("<8sIIII16x", b".text", 0x200, 0x1000, 0x200, raw)).ljust(0x600, b"\0")


def test_a_pe() -> None:
    assert read(pe(0x400)) == Layout(0x410, ((0x400, 0x200),))


def test_the_offset_of_a_section_is_rounded_as_windows_does() -> None:
    assert read(pe(0x4FF)) == Layout(0x410, ((0x400, 0x200),))


def test_this_interpreter() -> None:
    data = Path("/proc/self/exe").read_bytes()
    layout = read(data)
    assert layout is not None
    assert 0 < layout.entry < len(data)
    assert len(layout.sections) > 10


def test_damage_is_no_layout_or_another() -> None:
    dice, sample = random.Random(1), pe(0x400)
    for _ in range(2000):
        data = bytearray(sample[: dice.randint(0, len(sample))])
        for _ in range(dice.randint(0, 8)):
            if data:
                data[dice.randrange(min(len(data), 0xF0))] = dice.randrange(256)
        read(bytes(data))
        read(b"\x7fELF" + bytes(data))
