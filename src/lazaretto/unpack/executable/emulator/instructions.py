"""The instructions of one byte: each is made into an operation once, and run as often as it is met."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.unpack.executable.emulator import arithmetic, strings, twobyte
from lazaretto.unpack.executable.emulator.arithmetic import BINARY, COMPARE
from lazaretto.unpack.executable.emulator.cpu import EAX, EBP, ECX, EDX, ESP, MASK, Cpu, Op, Trap, Unknown
from lazaretto.unpack.executable.emulator.operands import Code, Get, Set

BREAKPOINT = 0x80000003  # STATUS_BREAKPOINT
PRIVILEGED = 0xC0000096  # STATUS_PRIVILEGED_INSTRUCTION


def decode(cpu: Cpu, address: int) -> tuple[Op, int]:
    """The operation of the instruction at ``address`` and where the next one is.  Raises Unknown, Fault."""
    code = Code(cpu, address)
    operation = twobyte.build(code) if code.opcode == 0x0F else _build(code)
    return operation, code.next


def _build(code: Code) -> Op:
    opcode = code.opcode
    if opcode < 0x40 and opcode & 7 < 6:
        return _binary(code)
    if 0x40 <= opcode < 0x60:
        return _on_register(code)
    if 0x70 <= opcode < 0x80:
        target = code.signed(8) + code.next & MASK
        return twobyte.jump_if(code.cpu, opcode & 15, target)
    if 0x91 <= opcode < 0x98:
        return _exchange(code, code.register(opcode & 7, code.bits), code.register(EAX, code.bits), code.bits)
    if 0xA4 <= opcode < 0xB0 and opcode not in (0xA8, 0xA9):
        return strings.string(code)
    if 0xB0 <= opcode < 0xC0:
        bits = code.bits if opcode & 8 else 8
        value, (_, put) = code.value(bits), code.register(opcode & 7, bits)
        return lambda: put(value)
    builder = _BUILDERS.get(opcode)
    if builder is None:
        raise Unknown(f"instruction {opcode:#04x}")
    return builder(code)


def _binary(code: Code) -> Op:
    """00 to 3d: the operation in bits 3 to 5, the direction in bit 1, the width in bit 0."""
    bits = code.bits if code.opcode & 1 else 8
    kind, form = code.opcode >> 3, code.opcode & 7
    if form >= 4:
        value, (get, put) = code.value(bits), code.register(EAX, bits)
        return _apply(code.cpu, kind, (get, put), lambda: value, bits)
    get, put, _ = code.modrm(bits)
    other = code.register(code.field, bits)
    return _apply(code.cpu, kind, other, get, bits) if form >= 2 else _apply(code.cpu, kind, (get, put), other[0], bits)


def _apply(cpu: Cpu, kind: int, left: tuple[Get, Set], right: Get, bits: int) -> Op:
    operate, (get, put) = BINARY[kind], left

    def compare() -> None:
        operate(cpu, get(), right(), bits)

    def change() -> None:
        put(operate(cpu, get(), right(), bits))

    return compare if kind == COMPARE else change


def _on_register(code: Code) -> Op:
    """inc, dec, push and pop of a register."""
    cpu, bits, number = code.cpu, code.bits, code.opcode & 7
    get, put = code.register(number, bits)
    if code.opcode < 0x50:
        by = 1 if code.opcode < 0x48 else -1
        return lambda: put(arithmetic.step(cpu, get(), bits, by))
    if code.opcode < 0x58:
        return lambda: cpu.push(get(), bits)
    return lambda: put(cpu.pop(bits))


def _group_binary(code: Code) -> Op:
    """80, 81, 83: with a value."""
    bits = code.bits if code.opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    value = code.value(bits) if code.opcode == 0x81 else code.signed(8) & (1 << bits) - 1
    return _apply(code.cpu, code.field, (get, put), lambda: value, bits)


def _test(code: Code) -> Op:
    cpu, bits = code.cpu, code.bits if code.opcode & 1 else 8
    if code.opcode in (0xA8, 0xA9):
        value, (left, _) = code.value(bits), code.register(EAX, bits)
        return lambda: _ignore(arithmetic.logic(cpu, left() & value, bits))
    left, _, _ = code.modrm(bits)
    right, _ = code.register(code.field, bits)
    return lambda: _ignore(arithmetic.logic(cpu, left() & right(), bits))


def _ignore(_: int) -> None:
    pass


def _exchange_modrm(code: Code) -> Op:
    bits = code.bits if code.opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    return _exchange(code, (get, put), code.register(code.field, bits), bits)


def _exchange(_: Code, one: tuple[Get, Set], two: tuple[Get, Set], __: int) -> Op:
    def swap() -> None:
        left, right = one[0](), two[0]()
        one[1](right)
        two[1](left)

    return swap


def _move(code: Code) -> Op:
    bits = code.bits if code.opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    here, set_here = code.register(code.field, bits)
    if code.opcode & 2:
        return lambda: set_here(get())
    return lambda: put(here())


def _move_value(code: Code) -> Op:
    bits = code.bits if code.opcode & 1 else 8
    _, put, _ = code.modrm(bits)
    value = code.value(bits)
    return lambda: put(value)


def _move_direct(code: Code) -> Op:
    """a0 to a3: the accumulator and an address that stands in the instruction."""
    bits = code.bits if code.opcode & 1 else 8
    address = code.value(32) + code.segment & MASK
    get, put = code.memory(lambda: address, bits)
    here, set_here = code.register(EAX, bits)
    if code.opcode & 2:
        return lambda: put(here())
    return lambda: set_here(get())


def _lea(code: Code) -> Op:
    code.segment = 0
    _, _, address = code.modrm(32)
    if address is None:
        raise Unknown("lea of a register")
    _, put = code.register(code.field, code.bits)
    mask, where = (1 << code.bits) - 1, address
    return lambda: put(where() & mask)


def _shift(code: Code) -> Op:
    cpu, bits = code.cpu, code.bits if code.opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    kind = code.field
    if code.opcode >= 0xD2:
        return lambda: put(arithmetic.shift(cpu, kind, get(), cpu.registers[ECX] & 0xFF, bits))
    count = 1 if code.opcode >= 0xD0 else code.value(8)
    return lambda: put(arithmetic.shift(cpu, kind, get(), count, bits))


def _unary(code: Code) -> Op:
    """f6, f7: test, not, neg, mul, imul, div, idiv."""
    cpu, bits = code.cpu, code.bits if code.opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    kind, mask = code.field, (1 << bits) - 1
    if kind < 2:
        value = code.value(bits)
        return lambda: _ignore(arithmetic.logic(cpu, get() & value, bits))
    if kind == 2:
        return lambda: put(get() ^ mask)
    if kind == 3:
        return lambda: put(arithmetic.sub(cpu, 0, get(), bits))
    operate = arithmetic.multiply if kind < 6 else arithmetic.divide
    return lambda: operate(cpu, get(), bits, signed=bool(kind & 1))


def _group_five(code: Code) -> Op:
    """fe, ff: inc, dec, call, jmp, push."""
    cpu, bits = code.cpu, code.bits if code.opcode & 1 else 8
    get, put, _ = code.modrm(bits)
    kind = code.field
    if kind < 2:
        return lambda: put(arithmetic.step(cpu, get(), bits, 1 - 2 * kind))
    if kind == 2 and bits == 32:
        after = code.next

        def call() -> None:
            target = get()
            cpu.push(after)
            cpu.eip = target

        return call
    if kind == 4 and bits == 32:
        return lambda: setattr(cpu, "eip", get())
    if kind == 6 and bits > 8:
        return lambda: cpu.push(get(), bits)
    raise Unknown(f"instruction {code.opcode:#04x}/{kind}")


def _call(code: Code) -> Op:
    cpu, target = code.cpu, code.value(32)
    after = code.next
    target = target + after & MASK

    def call() -> None:
        cpu.push(after)
        cpu.eip = target

    return call


def _jump(code: Code) -> Op:
    cpu = code.cpu
    target = code.value(32) if code.opcode == 0xE9 else code.signed(8)
    target = target + code.next & MASK
    return lambda: setattr(cpu, "eip", target)


def _return(code: Code) -> Op:
    cpu = code.cpu
    extra = code.value(16) if code.opcode == 0xC2 else 0

    def back() -> None:
        cpu.eip = cpu.pop()
        cpu.registers[ESP] = cpu.registers[ESP] + extra & MASK

    return back


def _loop(code: Code) -> Op:
    """loopne, loope, loop, jecxz."""
    cpu, kind = code.cpu, code.opcode & 3
    target = code.signed(8) + code.next & MASK

    def loop() -> None:
        if kind == 3:
            taken = not cpu.registers[ECX]
        else:
            cpu.registers[ECX] = cpu.registers[ECX] - 1 & MASK
            taken = bool(cpu.registers[ECX]) and (kind == 2 or (not cpu.result) == bool(kind))
        if taken:
            cpu.eip = target

    return loop


def _push_value(code: Code) -> Op:
    cpu, bits = code.cpu, code.bits
    value = (code.value(bits) if code.opcode == 0x68 else code.signed(8)) & (1 << bits) - 1
    return lambda: cpu.push(value, bits)


def _pop_modrm(code: Code) -> Op:
    cpu, bits = code.cpu, code.bits
    _, put, _ = code.modrm(bits)
    return lambda: put(cpu.pop(bits))


def _multiply_value(code: Code) -> Op:
    cpu, bits = code.cpu, code.bits
    get, _, _ = code.modrm(bits)
    _, put = code.register(code.field, bits)
    value = (code.value(bits) if code.opcode == 0x69 else code.signed(8)) & (1 << bits) - 1
    return lambda: put(arithmetic.product(cpu, get(), value, bits))


def _plain(run: Callable[[Cpu, int], None]) -> Callable[[Code], Op]:
    def build(code: Code) -> Op:
        cpu, bits = code.cpu, code.bits
        return lambda: run(cpu, bits)

    return build


def _pusha(cpu: Cpu, bits: int) -> None:
    for value in list(cpu.registers):
        cpu.push(value & (1 << bits) - 1, bits)


def _popa(cpu: Cpu, bits: int) -> None:
    for number in range(7, -1, -1):
        value = cpu.pop(bits)
        if number != ESP:
            cpu.registers[number] = value if bits == 32 else cpu.registers[number] & 0xFFFF0000 | value


def _widen(cpu: Cpu, bits: int) -> None:
    """cbw, cwde."""
    half = bits >> 1
    value = cpu.registers[EAX] & (1 << half) - 1
    value |= ((1 << half) - 1) << half if value >> half - 1 else 0
    cpu.registers[EAX] = value if bits == 32 else cpu.registers[EAX] & 0xFFFF0000 | value


def _cdq(cpu: Cpu, bits: int) -> None:
    filler = (1 << bits) - 1 if cpu.registers[EAX] >> bits - 1 & 1 else 0
    cpu.registers[EDX] = filler if bits == 32 else cpu.registers[EDX] & 0xFFFF0000 | filler


def _leave(cpu: Cpu, _: int) -> None:
    cpu.registers[ESP] = cpu.registers[EBP]
    cpu.registers[EBP] = cpu.pop()


def _xlat(cpu: Cpu, _: int) -> None:
    cpu.set8(EAX, cpu.memory.read(cpu.registers[3] + (cpu.registers[EAX] & 0xFF) & MASK, 8))


def _flag(name: str, value: int) -> Callable[[Code], Op]:
    return lambda code: lambda: setattr(code.cpu, name, value)


def _trap(number: int) -> Callable[[Code], Op]:
    def run(_: Cpu, __: int) -> None:
        raise Trap(number)

    return _plain(run)


def _interrupt(code: Code) -> Op:
    number = code.value(8)

    def run() -> None:
        raise Trap(BREAKPOINT if number == 3 else 0xC0000005)  # a protection fault for all that are not open

    return run


_BUILDERS: dict[int, Callable[[Code], Op]] = {
    **dict.fromkeys((0x80, 0x81, 0x82, 0x83), _group_binary),
    **dict.fromkeys((0x84, 0x85, 0xA8, 0xA9), _test),
    **dict.fromkeys((0x86, 0x87), _exchange_modrm),
    **dict.fromkeys((0x88, 0x89, 0x8A, 0x8B), _move),
    **dict.fromkeys((0xA0, 0xA1, 0xA2, 0xA3), _move_direct),
    **dict.fromkeys((0xC6, 0xC7), _move_value),
    **dict.fromkeys((0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3), _shift),
    **dict.fromkeys((0xC2, 0xC3), _return),
    **dict.fromkeys((0xE0, 0xE1, 0xE2, 0xE3), _loop),
    **dict.fromkeys((0xE9, 0xEB), _jump),
    **dict.fromkeys((0xF6, 0xF7), _unary),
    **dict.fromkeys((0xFE, 0xFF), _group_five),
    **dict.fromkeys((0x68, 0x6A), _push_value),
    **dict.fromkeys((0x69, 0x6B), _multiply_value),
    **dict.fromkeys((0x90, 0x9B), _plain(lambda cpu, bits: None)),
    **dict.fromkeys((0xF4, 0xFA, 0xFB, 0xEC, 0xEE, 0xE4, 0xE6), _trap(PRIVILEGED)),
    0x60: _plain(_pusha),
    0x61: _plain(_popa),
    0x8D: _lea,
    0x8F: _pop_modrm,
    0x98: _plain(_widen),
    0x99: _plain(_cdq),
    0x9C: _plain(lambda cpu, bits: cpu.push(cpu.flags & (1 << bits) - 1, bits)),
    0x9D: _plain(lambda cpu, bits: setattr(cpu, "flags", cpu.pop(bits))),
    0x9E: _plain(lambda cpu, bits: setattr(cpu, "flags", cpu.flags & ~0xD5 | cpu.get8(4) & 0xD5)),
    0x9F: _plain(lambda cpu, bits: cpu.set8(4, cpu.flags & 0xFF)),
    0xC9: _plain(_leave),
    0xCC: _trap(BREAKPOINT),
    0xCD: _interrupt,
    0xD7: _plain(_xlat),
    0xE8: _call,
    0xF5: _plain(lambda cpu, bits: setattr(cpu, "carry", cpu.carry ^ 1)),
    0xF8: _flag("carry", 0),
    0xF9: _flag("carry", 1),
    0xFC: _flag("direction", 0),
    0xFD: _flag("direction", 1),
}
