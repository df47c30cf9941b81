from __future__ import annotations

from typing import Any

import pytest

from lazaretto.unpack.executable.emulator import arithmetic
from lazaretto.unpack.executable.emulator.cpu import Trap

# Values and flags as the Intel manual defines them: result, carry, overflow.
ADD = [(0xFF, 1, 8, 0, 1, 0), (0x7F, 1, 8, 0x80, 0, 1), (0x80, 0x80, 8, 0, 1, 1), (1, 2, 32, 3, 0, 0),
       (0xFFFFFFFF, 1, 32, 0, 1, 0)]  # fmt: skip
SUB = [
    (0, 1, 8, 0xFF, 1, 0),
    (0x80, 1, 8, 0x7F, 0, 1),
    (5, 5, 32, 0, 0, 0),
    (0x7FFFFFFF, 0xFFFFFFFF, 32, 0x80000000, 1, 1),
]


@pytest.mark.parametrize(("operate", "rows"), [(arithmetic.add, ADD), (arithmetic.sub, SUB)], ids=["add", "sub"])
def test_sums_and_differences(machine: Any, operate: Any, rows: list[tuple[int, ...]]) -> None:
    for left, right, bits, result, carry, overflow in rows:
        cpu = machine.cpu()
        assert (operate(cpu, left, right, bits), cpu.carry, cpu.overflow) == (result, carry, overflow)
        assert cpu.condition(4) == (result == 0)


@pytest.mark.parametrize(
    ("kind", "value", "count", "bits", "carry", "result", "after"),
    [
        (0, 0x81, 1, 8, 0, 0x03, 1),  # rol
        (1, 0x81, 1, 8, 0, 0xC0, 1),  # ror
        (2, 0x80, 1, 8, 1, 0x01, 1),  # rcl
        (3, 0x01, 1, 8, 1, 0x80, 1),  # rcr
        (3, 0x04, 2, 8, 0, 0x01, 0),
        (4, 0x81, 1, 8, 0, 0x02, 1),  # shl
        (5, 0x81, 1, 8, 0, 0x40, 1),  # shr
        (7, 0x81, 1, 8, 0, 0xC0, 1),  # sar
        (4, 1, 31, 32, 0, 0x80000000, 0),
        (4, 5, 32, 32, 1, 5, 1),  # counts are taken modulo 32: nothing happens
        (0, 0x12345678, 8, 32, 0, 0x34567812, 0),
        (7, 0x80000000, 31, 32, 0, 0xFFFFFFFF, 0),
    ],
)
def test_shifts(
    machine: Any, kind: int, value: int, count: int, bits: int, carry: int, result: int, after: int
) -> None:
    cpu = machine.cpu(carry=carry)
    assert (arithmetic.shift(cpu, kind, value, count, bits), cpu.carry) == (result, after)


def test_double_shifts(machine: Any) -> None:
    cpu = machine.cpu()
    assert arithmetic.double_shift(cpu, True, (0x80000001, 0xC0000000), 2, 32) == 7
    assert arithmetic.double_shift(cpu, False, (0x80000001, 3), 1, 32) == 0xC0000000
    assert cpu.carry == 1
    assert arithmetic.double_shift(cpu, True, (9, 9), 0, 32) == 9


def test_products_and_quotients(machine: Any) -> None:
    cpu = machine.cpu(eax=0xFFFFFFFF)
    arithmetic.multiply(cpu, 2, 32, signed=False)
    assert (cpu.registers[0], cpu.registers[2], cpu.carry) == (0xFFFFFFFE, 1, 1)
    cpu = machine.cpu(eax=0xFFFFFFFF)
    arithmetic.multiply(cpu, 2, 32, signed=True)
    assert (cpu.registers[0], cpu.registers[2], cpu.carry) == (0xFFFFFFFE, 0xFFFFFFFF, 0)
    cpu = machine.cpu(eax=7, edx=0)
    arithmetic.divide(cpu, 0xFFFFFFFE, 32, signed=True)
    assert (cpu.registers[0], cpu.registers[2]) == (0xFFFFFFFD, 1)
    cpu = machine.cpu(eax=0x1FF)
    arithmetic.divide(cpu, 0x10, 8, signed=False)
    assert cpu.registers[0] == 0x0F1F
    assert arithmetic.product(cpu, 0xFFFF, 3, 16) == 0xFFFD


@pytest.mark.parametrize(("value", "high"), [(0, 0), (1, 1)], ids=["by zero", "too big"])
def test_divisions_that_trap(machine: Any, value: int, high: int) -> None:
    with pytest.raises(Trap) as caught:
        arithmetic.divide(machine.cpu(eax=5, edx=high), value, 32, signed=False)
    assert caught.value.code == arithmetic.DIVISION


def test_steps_leave_the_carry(machine: Any) -> None:
    cpu = machine.cpu(carry=1)
    assert arithmetic.step(cpu, 0xFF, 8, 1) == 0
    assert cpu.carry == 1
    assert arithmetic.step(cpu, 0, 16, -1) == 0xFFFF
