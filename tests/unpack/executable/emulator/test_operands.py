from __future__ import annotations

from typing import Any

import pytest

from lazaretto.unpack.executable.emulator.cpu import Unknown
from lazaretto.unpack.executable.emulator.operands import Code


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("8d03", 0x30),  # [ebx]
        ("8d4305", 0x35),  # [ebx + 5]
        ("8d43fb", 0x2B),  # [ebx - 5]
        ("8d8300010000", 0x130),  # [ebx + 0x100]
        ("8d0578563412", 0x12345678),  # [0x12345678]
        ("8d048b", 0x70),  # [ebx + ecx * 4]
        ("8d048d00010000", 0x140),  # [ecx * 4 + 0x100]
        ("8d448b04", 0x74),  # [ebx + ecx * 4 + 4]
        ("8d0424", 0x2000),  # [esp]
        ("8d442404", 0x2004),  # [esp + 4]
        ("8d4500", 0x50),  # [ebp + 0]
        ("8d842b00010000", 0x180),  # [ebx + ebp + 0x100]
    ],
)
def test_addresses(machine: Any, code: str, address: int) -> None:
    cpu = machine.cpu(bytes.fromhex(code), ecx=0x10, ebx=0x30, esp=0x2000, ebp=0x50)
    read = Code(cpu, machine.base)
    _, _, where = read.modrm(32)
    assert where is not None
    assert where() == address
    assert read.next == machine.base + len(code) // 2


def test_prefixes(machine: Any) -> None:
    cpu = machine.cpu(bytes.fromhex("66f3a5"), fs=0x5000)
    code = Code(cpu, machine.base)
    assert (code.bits, code.repeat, code.opcode) == (16, 0xF3, 0xA5)
    cpu = machine.cpu(bytes.fromhex("648b00"), fs=0x5000, eax=0x18)
    code = Code(cpu, machine.base)
    _, _, where = code.modrm(32)
    assert where is not None
    assert where() == 0x5018


def test_values(machine: Any) -> None:
    code = Code(machine.cpu(bytes.fromhex("90 fe 34127856 80")), machine.base)
    assert code.signed(8) == 0xFFFFFFFE
    assert code.value(32) == 0x56781234
    assert code.value(8) == 0x80


@pytest.mark.parametrize("code", ["65a100000000", "67a10000", "66" * 15 + "90", "26" * 16])
def test_what_is_not_imitated(machine: Any, code: str) -> None:
    with pytest.raises((Unknown, IndexError)):
        Code(machine.cpu(bytes.fromhex(code)), machine.base)
