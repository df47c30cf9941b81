"""The instructions that begin with 0f."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.unpack.executable.emulator import arithmetic
from lazaretto.unpack.executable.emulator.cpu import EAX, ECX, EDX, MASK, Cpu, Op, Unknown
from lazaretto.unpack.executable.emulator.operands import Code


def build(code: Code) -> Op:
    opcode, cpu, bits = code.byte(), code.cpu, code.bits
    if 0x80 <= opcode < 0x90:
        target = code.value(32)
        return jump_if(cpu, opcode & 15, target + code.next & MASK)
    if 0x90 <= opcode < 0xA0:
        _, put, _ = code.modrm(8)
        return lambda: put(int(cpu.condition(opcode & 15)))
    if 0x40 <= opcode < 0x50:
        get, _, _ = code.modrm(bits)
        _, put_here = code.register(code.field, bits)
        return lambda: put_here(get()) if cpu.condition(opcode & 15) else None
    if 0xC8 <= opcode < 0xD0:
        number = opcode & 7
        return lambda: cpu.registers.__setitem__(number, int.from_bytes(cpu.registers[number].to_bytes(4, "little")))
    builder = _BUILDERS.get(opcode)
    if builder is None:
        raise Unknown(f"instruction 0x0f {opcode:#04x}")
    return builder(code, opcode)


def jump_if(cpu: Cpu, number: int, target: int) -> Op:
    condition = cpu.condition

    def jump() -> None:
        if condition(number):
            cpu.eip = target

    return jump


def _extend(code: Code, opcode: int) -> Op:
    """movzx, movsx."""
    source = 16 if opcode & 1 else 8
    get, _, _ = code.modrm(source)
    _, put = code.register(code.field, code.bits)
    if opcode < 0xB8:
        return lambda: put(get())
    top, filler = 1 << source - 1, (1 << code.bits) - (1 << source)
    return lambda: put(value | filler if (value := get()) & top else value)


def _bit(code: Code, opcode: int) -> Op:
    """bt, bts, btr, btc with a register or a value."""
    cpu, bits = code.cpu, code.bits
    get, put, address = code.modrm(bits)
    if opcode == 0xBA:
        kind, number = code.field & 3, code.value(8) % bits
        return lambda: _change_bit(cpu, kind, number, get(), put)
    kind = opcode >> 3 & 3
    place, _ = code.register(code.field, bits)
    if address is None:
        return lambda: _change_bit(cpu, kind, place() % bits, get(), put)
    where = address

    def far() -> None:
        """In memory the register may reach beyond the operand."""
        number = place()
        number = number - (1 << bits) if number >> bits - 1 else number
        at = where() + (number >> 3) & MASK
        _change_bit(cpu, kind, number & 7, cpu.memory.read(at, 8), lambda value: cpu.memory.write(at, value & 0xFF, 8))

    return far


def _change_bit(cpu: Cpu, kind: int, number: int, value: int, put: Callable[[int], None]) -> None:
    cpu.carry = value >> number & 1
    if kind == 1:
        put(value | 1 << number)
    elif kind == 2:
        put(value & ~(1 << number))
    elif kind == 3:
        put(value ^ 1 << number)


def _double(code: Code, opcode: int) -> Op:
    """shld, shrd."""
    cpu, bits = code.cpu, code.bits
    get, put, _ = code.modrm(bits)
    filler, _ = code.register(code.field, bits)
    left = opcode < 0xA8
    if opcode & 1:
        return lambda: put(arithmetic.double_shift(cpu, left, (get(), filler()), cpu.registers[ECX] & 0xFF, bits))
    count = code.value(8)
    return lambda: put(arithmetic.double_shift(cpu, left, (get(), filler()), count, bits))


def _multiply(code: Code, opcode: int) -> Op:
    cpu, bits = code.cpu, code.bits
    get, _, _ = code.modrm(bits)
    here, put = code.register(code.field, bits)
    return lambda: put(arithmetic.product(cpu, here(), get(), bits))


def _scan(code: Code, opcode: int) -> Op:
    """bsf, bsr."""
    cpu, bits = code.cpu, code.bits
    get, _, _ = code.modrm(bits)
    _, put = code.register(code.field, bits)

    def scan() -> None:
        value = get()
        cpu.result, cpu.bits = value, bits
        if value:
            put(value.bit_length() - 1 if opcode & 1 else (value & -value).bit_length() - 1)

    return scan


def _exchange_add(code: Code, opcode: int) -> Op:
    cpu, bits = code.cpu, code.bits if opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    here, put_here = code.register(code.field, bits)

    def run() -> None:
        value = get()
        total = arithmetic.add(cpu, value, here(), bits)
        put_here(value)
        put(total)

    return run


def _compare_exchange(code: Code, opcode: int) -> Op:
    cpu, bits = code.cpu, code.bits if opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    here, _ = code.register(code.field, bits)
    wanted, put_wanted = code.register(EAX, bits)

    def run() -> None:
        value = get()
        if not arithmetic.sub(cpu, wanted(), value, bits):
            put(here())
        else:
            put_wanted(value)

    return run


def _time(code: Code, _: int) -> Op:
    """rdtsc: a clock that goes with what is run, so that nobody is slow."""
    cpu = code.cpu

    def run() -> None:
        cpu.registers[EAX], cpu.registers[EDX] = cpu.steps & MASK, 0x1000

    return run


def _identify(code: Code, _: int) -> Op:
    cpu = code.cpu

    def run() -> None:
        cpu.registers[:4] = [0x000106A5, 0, 0x0183FBFF, 0x756E6547]

    return run


def _nothing(code: Code, _: int) -> Op:
    code.modrm(code.bits)
    return lambda: None


_BUILDERS: dict[int, Callable[[Code, int], Op]] = {
    **dict.fromkeys((0xB6, 0xB7, 0xBE, 0xBF), _extend),
    **dict.fromkeys((0xA3, 0xAB, 0xB3, 0xBB, 0xBA), _bit),
    **dict.fromkeys((0xA4, 0xA5, 0xAC, 0xAD), _double),
    **dict.fromkeys((0xBC, 0xBD), _scan),
    **dict.fromkeys((0xC0, 0xC1), _exchange_add),
    **dict.fromkeys((0xB0, 0xB1), _compare_exchange),
    **dict.fromkeys((0x0D, 0x18, 0x1F), _nothing),
    0x31: _time,
    0xA2: _identify,
    0xAF: _multiply,
}
