"""String instructions, alone and repeated; runs of movs and stos are done at once."""

from __future__ import annotations

from lazaretto.unpack.executable.emulator.arithmetic import sub
from lazaretto.unpack.executable.emulator.cpu import EAX, ECX, EDI, ESI, MASK, Cpu, Op
from lazaretto.unpack.executable.emulator.operands import Code

_LONGEST = 1 << 24
_AT_ONCE = 10_000  # elements between two looks at the budget
_BYTES = 32  # moved at once for one step of the budget


def string(code: Code) -> Op:
    """a4 to af without test (a8, a9)."""
    cpu, bits = code.cpu, code.bits if code.opcode & 1 else 8
    kind = code.opcode & 0xFE
    one = {0xA4: _movs, 0xA6: _cmps, 0xAA: _stos, 0xAC: _lods, 0xAE: _scas}[kind]
    if not code.repeat:
        return lambda: one(cpu, bits)
    if kind in (0xA4, 0xAA):
        return lambda: _run(code, bits, move=kind == 0xA4)
    compares, wanted = kind in (0xA6, 0xAE), code.repeat == 0xF3

    def repeated() -> None:
        registers, done = cpu.registers, 0
        while registers[ECX] and done < _AT_ONCE:
            one(cpu, bits)
            registers[ECX] = registers[ECX] - 1 & MASK
            done += 1
            if compares and (not cpu.result) != wanted:
                break
        else:
            if registers[ECX]:
                cpu.eip = code.address  # goes on when the budget has been looked at
        cpu.steps += done

    return repeated


def _run(code: Code, bits: int, *, move: bool) -> None:
    cpu = code.cpu
    registers, memory, width = cpu.registers, cpu.memory, bits >> 3
    length = registers[ECX] * width
    if not length:
        return
    distance = registers[EDI] - registers[ESI]
    if cpu.direction or length > _LONGEST:
        one = _movs if move else _stos
        for _ in range(min(registers[ECX], _AT_ONCE)):
            one(cpu, bits)
            registers[ECX] -= 1
            cpu.steps += 1
        if registers[ECX]:
            cpu.eip = code.address
        return
    if not move:
        piece = (registers[EAX] & (1 << bits) - 1).to_bytes(width, "little") * registers[ECX]
    elif 0 < distance < length:  # it runs into what it writes
        period = memory.take(registers[ESI], distance)
        piece = (period * (length // distance + 1))[:length]
    else:
        piece = memory.take(registers[ESI], length)
    memory.put(registers[EDI], piece)
    registers[EDI] = registers[EDI] + length & MASK
    if move:
        registers[ESI] = registers[ESI] + length & MASK
    registers[ECX] = 0
    cpu.steps += length // _BYTES


def _advance(cpu: Cpu, register: int, bits: int) -> None:
    by = -(bits >> 3) if cpu.direction else bits >> 3
    cpu.registers[register] = cpu.registers[register] + by & MASK


def _movs(cpu: Cpu, bits: int) -> None:
    cpu.memory.write(cpu.registers[EDI], cpu.memory.read(cpu.registers[ESI], bits), bits)
    _advance(cpu, ESI, bits)
    _advance(cpu, EDI, bits)


def _stos(cpu: Cpu, bits: int) -> None:
    cpu.memory.write(cpu.registers[EDI], cpu.registers[EAX] & (1 << bits) - 1, bits)
    _advance(cpu, EDI, bits)


def _lods(cpu: Cpu, bits: int) -> None:
    value = cpu.memory.read(cpu.registers[ESI], bits)
    if bits == 32:
        cpu.registers[EAX] = value
    elif bits == 16:
        cpu.set16(EAX, value)
    else:
        cpu.set8(EAX, value)
    _advance(cpu, ESI, bits)


def _scas(cpu: Cpu, bits: int) -> None:
    sub(cpu, cpu.registers[EAX] & (1 << bits) - 1, cpu.memory.read(cpu.registers[EDI], bits), bits)
    _advance(cpu, EDI, bits)


def _cmps(cpu: Cpu, bits: int) -> None:
    sub(cpu, cpu.memory.read(cpu.registers[ESI], bits), cpu.memory.read(cpu.registers[EDI], bits), bits)
    _advance(cpu, ESI, bits)
    _advance(cpu, EDI, bits)
