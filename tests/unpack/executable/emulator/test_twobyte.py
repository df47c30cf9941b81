from __future__ import annotations

from typing import Any

import pytest

AT = 0x2000


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("0fb6c3", {"ebx": 0x1FF}, {"eax": 0xFF}),
        ("0fbec3", {"ebx": 0x80}, {"eax": 0xFFFFFF80}),
        ("0fb7c3", {"ebx": 0x12345678}, {"eax": 0x5678}),
        ("0fbfc3", {"ebx": 0x8000}, {"eax": 0xFFFF8000}),
        ("660fbec3", {"ebx": 0x80, "eax": 0x11111111}, {"eax": 0x1111FF80}),
        ("0fafc3", {"eax": 3, "ebx": 5}, {"eax": 15}),
        ("0fc8", {"eax": 0x12345678}, {"eax": 0x78563412}),
        ("3bc0 0f94c3", {}, {"ebx": 1}),
        ("3bc0 0f8401000000 40", {}, {"eax": 0}),
        ("0f44c3", {"result": 0, "ebx": 9}, {"eax": 9}),
        ("0f44c3", {"result": 1, "ebx": 9}, {"eax": 0}),
        ("0fa3c8", {"eax": 4, "ecx": 2}, {"carry": 1}),
        ("0fabc8", {"ecx": 2}, {"eax": 4}),
        ("0fbaf002", {"eax": 7}, {"eax": 3, "carry": 1}),
        ("0fbaf81f", {}, {"eax": 0x80000000}),
        ("0fa4d804", {"eax": 1, "ebx": 0xF0000000}, {"eax": 0x1F}),
        ("0facd804", {"eax": 0x10, "ebx": 0xF}, {"eax": 0xF0000001}),
        ("0fbcc3", {"ebx": 8}, {"eax": 3}),
        ("0fbdc3", {"ebx": 9}, {"eax": 3}),
        ("0fc1d8", {"eax": 3, "ebx": 4}, {"eax": 7, "ebx": 3}),
        ("0fb1cb", {"eax": 5, "ebx": 5, "ecx": 6}, {"ebx": 6}),
        ("0fb1cb", {"eax": 4, "ebx": 5, "ecx": 6}, {"eax": 5, "ebx": 5}),
        ("0f1f4000", {"eax": 3}, {"eax": 3}),
    ],
)
def test_one_after_the_other(machine: Any, code: str, before: dict[str, int], after: dict[str, int]) -> None:
    cpu = machine.run(code, **before)
    names = ("eax", "ecx", "edx", "ebx")
    for name, value in after.items():
        assert (cpu.registers[names.index(name)] if name in names else cpu.carry) == value, name


def test_bits_far_from_their_operand(machine: Any) -> None:
    cpu = machine.run("0fab0b", ebx=AT, ecx=100)
    assert cpu.memory.take(AT + 12, 1) == b"\x10"
    cpu = machine.run("0fab0b", ebx=AT, ecx=0xFFFFFFFF)
    assert cpu.memory.take(AT - 1, 1) == b"\x80"


def test_the_clock_goes_with_the_steps(machine: Any) -> None:
    cpu = machine.run("0f31", steps=12345)
    assert cpu.registers[0] == 12345
    assert machine.run("0fa2").registers[3] == 0x756E6547
