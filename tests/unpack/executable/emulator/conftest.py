"""A processor with some memory, to run a few instructions."""

from __future__ import annotations

from typing import Any

import pytest

from lazaretto.unpack.executable.emulator.cpu import ESP, Cpu
from lazaretto.unpack.executable.emulator.instructions import decode

BASE = 0x1000


class Machine:
    """``run("b8 01000000", eax=0)``: registers after the code has run to its end."""

    base = BASE

    @staticmethod
    def cpu(code: bytes = b"", **registers: int) -> Cpu:
        cpu = Cpu(decode)
        region = cpu.memory.add(BASE, 0x4000)
        region.data[: len(code)] = code
        cpu.eip = BASE
        cpu.registers[ESP] = BASE + 0x3000
        for name, value in registers.items():
            if name in _NAMES:
                cpu.registers[_NAMES.index(name)] = value
            else:
                setattr(cpu, name, value)
        return cpu

    @classmethod
    def run(cls, text: str, memory: dict[int, bytes] | None = None, **registers: int) -> Cpu:
        code = bytes.fromhex(text)
        cpu = cls.cpu(code, **registers)
        for at, data in (memory or {}).items():
            cpu.memory.put(at, data)
        for _ in range(1000):
            if not BASE <= cpu.eip < BASE + len(code):
                break
            operation, after = decode(cpu, cpu.eip)
            cpu.eip = after
            operation()
        return cpu


_NAMES = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi")


@pytest.fixture(scope="session")
def machine() -> Any:
    return Machine
