from __future__ import annotations

from typing import Any

AT, TO = 0x2000, 0x2800


def test_moves_and_fills(machine: Any) -> None:
    cpu = machine.run("f3a5", {AT: b"0123456789ab"}, esi=AT, edi=TO, ecx=3)
    assert cpu.memory.take(TO, 12) == b"0123456789ab"
    assert cpu.registers[1] == 0
    assert cpu.registers[6:] == [AT + 12, TO + 12]
    cpu = machine.run("66f3ab", edi=TO, ecx=3, eax=0x11114142)
    assert cpu.memory.take(TO, 8) == b"BABABA\0\0"
    cpu = machine.run("a4 a4", {AT: b"xyz"}, esi=AT, edi=TO)
    assert cpu.memory.take(TO, 3) == b"xy\0"


def test_a_move_may_run_into_itself(machine: Any) -> None:
    cpu = machine.run("f3a4", {AT: b"ab"}, esi=AT, edi=AT + 2, ecx=5)
    assert cpu.memory.take(AT, 8) == b"abababa\0"


def test_backwards(machine: Any) -> None:
    cpu = machine.run("fd f3a4 fc", {AT: b"abcd"}, esi=AT + 3, edi=TO + 3, ecx=4)
    assert cpu.memory.take(TO, 4) == b"abcd"
    assert cpu.registers[6:] == [AT - 1, TO - 1]


def test_searching_and_comparing(machine: Any) -> None:
    cpu = machine.run("f2ae", {AT: b"text\0"}, edi=AT, ecx=0xFFFF, eax=0)
    assert (cpu.registers[7], cpu.registers[1]) == (AT + 5, 0xFFFF - 5)
    cpu = machine.run("f3a6", {AT: b"same thing", TO: b"same other"}, esi=AT, edi=TO, ecx=10)
    assert cpu.registers[6] == AT + 6
    assert not cpu.condition(4)


def test_loading(machine: Any) -> None:
    cpu = machine.run("ac 66ad", {AT: b"\x01\x02\x03"}, esi=AT, eax=0xFFFFFFFF)
    assert cpu.registers[0] == 0xFFFF0302


def test_a_long_repetition_stops_to_be_asked(machine: Any) -> None:
    cpu = machine.cpu(bytes.fromhex("f3ac"), esi=machine.base, ecx=0x3000)
    cpu.run(10_041, lambda here, before: None)
    assert (cpu.eip, cpu.registers[1]) == (machine.base, 0x3000 - 10_000)


def test_none_is_none(machine: Any) -> None:
    cpu = machine.run("f3a4 f3ac f2ae", esi=0, edi=0, ecx=0)
    assert cpu.registers[6:] == [0, 0]
