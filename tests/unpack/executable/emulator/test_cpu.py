from __future__ import annotations

from typing import Any

import pytest

from lazaretto.unpack.executable.emulator.arithmetic import add, sub
from lazaretto.unpack.executable.emulator.cpu import Unknown
from lazaretto.unpack.executable.emulator.memory import Fault

# For unsigned and signed comparisons: left, right, and which of b, ae, e, ne, be, a, l, ge, le, g hold.
COMPARED = [(1, 2, {2, 5, 6, 12, 14}), (2, 1, {3, 5, 7, 13, 15}), (5, 5, {3, 4, 6, 13, 14}),
            (0xFFFFFFFF, 1, {3, 5, 7, 12, 14}), (1, 0xFFFFFFFF, {2, 5, 6, 13, 15})]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "holding"), COMPARED)
def test_conditions(machine: Any, left: int, right: int, holding: set[int]) -> None:
    cpu = machine.cpu()
    sub(cpu, left, right, 32)
    assert {number for number in (2, 3, 4, 5, 6, 7, 12, 13, 14, 15) if cpu.condition(number)} == holding


def test_flags_survive_the_stack(machine: Any) -> None:
    for left, right, bits in ((0xFF, 1, 8), (0x7F, 1, 8), (1, 2, 32), (0x80000000, 3, 32), (0, 0, 16)):
        cpu = machine.cpu(direction=1)
        add(cpu, left, right, bits)
        before, held = cpu.flags, [cpu.condition(number) for number in range(16)]
        sub(cpu, 77, 5, 32)
        cpu.flags = before
        assert [cpu.condition(number) for number in range(16)] == held
        assert cpu.flags == before


def test_parts_of_registers(machine: Any) -> None:
    cpu = machine.cpu(eax=0x11223344)
    assert (cpu.get8(0), cpu.get8(4)) == (0x44, 0x33)
    cpu.set8(4, 0xFF)
    cpu.set8(0, 0)
    assert cpu.registers[0] == 0x1122FF00
    cpu.set16(0, 0x5566)
    assert cpu.registers[0] == 0x11225566


def test_the_stack_grows_down(machine: Any) -> None:
    cpu = machine.cpu(esp=0x2000)
    cpu.push(0x12345678)
    cpu.push(0x9ABC, 16)
    assert cpu.registers[4] == 0x1FFA
    assert (cpu.pop(16), cpu.pop()) == (0x9ABC, 0x12345678)


def test_it_stops_at_its_limit_and_at_what_it_does_not_know(machine: Any) -> None:
    cpu = machine.cpu(b"\xeb\xfe")
    cpu.run(1000, lambda here, before: None)
    assert cpu.steps >= 1000
    cpu = machine.cpu(b"\x40\x0f\x0b")
    with pytest.raises(Unknown):
        cpu.run(1000, lambda here, before: None)
    assert (cpu.eip, cpu.registers[0]) == (machine.base + 1, 1)
    cpu = machine.cpu(b"\xa1\0\0\0\0")
    with pytest.raises(Fault):
        cpu.run(1000, lambda here, before: None)
    assert cpu.eip == machine.base


def test_code_that_changes_is_read_again(machine: Any) -> None:
    # inc byte [here + 8]; mov al, 1; dec ecx; jnz
    code = bytes.fromhex("fe0507100000 b001 49 75f5".replace("07100000", "07100000"))
    cpu = machine.cpu(code + b"\xf4", ecx=3)
    arrived: list[int] = []
    with pytest.raises(Exception, match="exception"):
        cpu.run(10_000, lambda here, before: arrived.append(here))
    assert cpu.registers[0] & 0xFF == 4
    assert arrived.count(machine.base + 6) == 3
