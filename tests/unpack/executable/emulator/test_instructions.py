from __future__ import annotations

from typing import Any

import pytest

from lazaretto.unpack.executable.emulator.cpu import Trap, Unknown

AT = 0x2000
# Code, registers before, registers after.
ROWS: list[tuple[str, dict[str, int], dict[str, int]]] = [
    ("b878563412", {}, {"eax": 0x12345678}),
    ("b4ff b001", {}, {"eax": 0xFF01}),
    ("66b83412", {"eax": 0xFFFFFFFF}, {"eax": 0xFFFF1234}),
    ("01d8", {"eax": 1, "ebx": 2}, {"eax": 3}),
    ("03c3", {"eax": 1, "ebx": 2}, {"eax": 3}),
    ("05ffffffff", {"eax": 1}, {"eax": 0, "carry": 1}),
    ("f9 13c0", {"eax": 1}, {"eax": 3}),
    ("f9 1bc0", {}, {"eax": 0xFFFFFFFF}),
    ("83e8ff", {"eax": 1}, {"eax": 2, "carry": 1}),
    ("33c0", {"eax": 7}, {"eax": 0}),
    ("0cf0 240f", {"eax": 0x1}, {"eax": 1}),
    ("40 4b", {"eax": 0xFFFFFFFF, "ebx": 0}, {"eax": 0, "ebx": 0xFFFFFFFF}),
    ("50 5b", {"eax": 5}, {"ebx": 5}),
    ("6afe 59", {}, {"ecx": 0xFFFFFFFE}),
    ("60 33c0 33db 61", {"eax": 1, "ebx": 2}, {"eax": 1, "ebx": 2}),
    ("93", {"eax": 1, "ebx": 2}, {"eax": 2, "ebx": 1}),
    ("87d9", {"ecx": 1, "ebx": 2}, {"ecx": 2, "ebx": 1}),
    ("98", {"eax": 0x8000}, {"eax": 0xFFFF8000}),
    ("6698", {"eax": 0x80}, {"eax": 0xFF80}),
    ("99", {"eax": 0x80000000}, {"edx": 0xFFFFFFFF}),
    ("c1e004", {"eax": 1}, {"eax": 16}),
    ("d1e8", {"eax": 3}, {"eax": 1, "carry": 1}),
    ("d3e0", {"eax": 1, "ecx": 33}, {"eax": 2}),
    ("f7d0", {"eax": 0}, {"eax": 0xFFFFFFFF}),
    ("f7d8", {"eax": 1}, {"eax": 0xFFFFFFFF, "carry": 1}),
    ("f6e3", {"eax": 0x10, "ebx": 0x20}, {"eax": 0x200}),
    ("f7f3", {"eax": 7, "ebx": 2}, {"eax": 3, "edx": 1}),
    ("6bc305", {"ebx": 0xFFFFFFFF}, {"eax": 0xFFFFFFFB}),
    ("69c300010000", {"ebx": 3}, {"eax": 0x300}),
    ("8d4403ff", {"eax": 4, "ebx": 5}, {"eax": 8}),
    ("3c05 7401 40", {"eax": 5}, {"eax": 5}),
    ("3c04 7401 40", {"eax": 5}, {"eax": 6}),
    ("eb01 40", {}, {"eax": 0}),
    ("e900000000 40", {}, {"eax": 1}),
    ("e801000000 40 58", {}, {"eax": 0x1005}),
    ("40 e2fd", {"ecx": 5}, {"eax": 5, "ecx": 0}),
    ("e301 40", {"ecx": 0}, {"eax": 0}),
    ("9c 58", {"carry": 1, "result": 0}, {"eax": 0x247}),
    ("6845000000 9d", {}, {"carry": 1, "result": 0}),
    ("b445 9e 9f", {}, {"eax": 0x4700}),
    ("f9 f5", {}, {"carry": 0}),
    ("fec0", {"eax": 0xFF}, {"eax": 0}),
    ("85c0 a8ff", {"eax": 0x100}, {"eax": 0x100, "result": 0}),
    ("c745f007000000 8b45f0", {"ebp": AT}, {"eax": 7}),
    ("a300200000 a100200000", {"eax": 9}, {"eax": 9}),
]


@pytest.mark.parametrize(("code", "before", "after"), ROWS, ids=[row[0] for row in ROWS])
def test_one_after_the_other(machine: Any, code: str, before: dict[str, int], after: dict[str, int]) -> None:
    cpu = machine.run(code, **before)
    names = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi")
    for name, value in after.items():
        assert (cpu.registers[names.index(name)] if name in names else getattr(cpu, name)) == value, name


def test_calls_and_returns(machine: Any) -> None:
    # call +3; jmp end; inc eax; ret 4 (with one argument)
    cpu = machine.run("6a00 e802000000 eb04 40 c20400", eax=0)
    assert (cpu.registers[0], cpu.registers[4]) == (1, machine.base + 0x3000)


def test_jumps_by_memory_and_register(machine: Any) -> None:
    cpu = machine.run("ff25 00200000", {AT: b"\0\x50\0\0"})
    assert cpu.eip == 0x5000
    assert machine.run("ffe0", eax=0x6000).eip == 0x6000
    cpu = machine.run("ff5004", {AT + 4: b"\0\x70\0\0"}, eax=AT)
    assert (cpu.eip, cpu.pop()) == (0x7000, machine.base + 3)


def test_frames_and_tables(machine: Any) -> None:
    cpu = machine.run("55 8bec 83ec10 c9", ebp=0x1234)
    assert (cpu.registers[5], cpu.registers[4]) == (0x1234, machine.base + 0x3000)
    assert machine.run("d7", {AT + 3: b"\x55"}, ebx=AT, eax=3).registers[0] == 0x55


@pytest.mark.parametrize(
    ("code", "number"), [("cc", 0x80000003), ("cd03", 0x80000003), ("f4", 0xC0000096), ("cd2e", 0xC0000005)]
)
def test_traps(machine: Any, code: str, number: int) -> None:
    with pytest.raises(Trap) as caught:
        machine.run(code)
    assert caught.value.code == number


@pytest.mark.parametrize("code", ["d9ee", "0f0b", "c8000000", "9a", "8dc0"])
def test_what_is_not_imitated_says_so(machine: Any, code: str) -> None:
    with pytest.raises(Unknown):
        machine.run(code)
