"""What operations make of numbers and flags (Intel SDM volume 2)."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.unpack.executable.emulator.cpu import EAX, EDX, MASK, Cpu, Trap

Binary = Callable[[Cpu, int, int, int], int]
DIVISION = 0xC0000094  # STATUS_INTEGER_DIVIDE_BY_ZERO


def add(cpu: Cpu, left: int, right: int, bits: int, carry: int = 0) -> int:
    total = left + right + carry
    result = total & (1 << bits) - 1
    cpu.carry, cpu.result, cpu.bits = total >> bits, result, bits
    cpu.overflow = ((left ^ result) & (right ^ result)) >> bits - 1 & 1
    return result


def sub(cpu: Cpu, left: int, right: int, bits: int, carry: int = 0) -> int:
    total = left - right - carry
    result = total & (1 << bits) - 1
    cpu.carry, cpu.result, cpu.bits = int(total < 0), result, bits
    cpu.overflow = ((left ^ right) & (left ^ result)) >> bits - 1 & 1
    return result


def _adc(cpu: Cpu, left: int, right: int, bits: int) -> int:
    return add(cpu, left, right, bits, cpu.carry)


def _sbb(cpu: Cpu, left: int, right: int, bits: int) -> int:
    return sub(cpu, left, right, bits, cpu.carry)


def logic(cpu: Cpu, result: int, bits: int) -> int:
    cpu.carry = cpu.overflow = 0
    cpu.result, cpu.bits = result, bits
    return result


def _or(cpu: Cpu, left: int, right: int, bits: int) -> int:
    return logic(cpu, left | right, bits)


def _and(cpu: Cpu, left: int, right: int, bits: int) -> int:
    return logic(cpu, left & right, bits)


def _xor(cpu: Cpu, left: int, right: int, bits: int) -> int:
    return logic(cpu, left ^ right, bits)


COMPARE = 7
BINARY: tuple[Binary, ...] = (add, _or, _adc, _sbb, _and, sub, _xor, sub)


def step(cpu: Cpu, value: int, bits: int, by: int) -> int:
    """inc and dec, which leave the carry as it is."""
    carry = cpu.carry
    result = (add if by > 0 else sub)(cpu, value, 1, bits)
    cpu.carry = carry
    return result


def shift(cpu: Cpu, kind: int, value: int, count: int, bits: int) -> int:
    """rol, ror, rcl, rcr, shl, shr, sal, sar by the number in ModRM."""
    count &= 31
    if not count:
        return value
    mask = (1 << bits) - 1
    if kind < 4:
        return _rotate(cpu, kind, value, count, bits)
    if kind in (4, 6):
        wide = value << count
        cpu.carry, result = wide >> bits & 1, wide & mask
        cpu.overflow = result >> bits - 1 ^ cpu.carry
    elif kind == 5:
        cpu.carry, result = value >> count - 1 & 1, value >> count
        cpu.overflow = value >> bits - 1
    else:
        signed = value - (1 << bits) if value >> bits - 1 else value
        cpu.carry, result = signed >> count - 1 & 1, signed >> count & mask
        cpu.overflow = 0
    cpu.result, cpu.bits = result, bits
    return result


def _rotate(cpu: Cpu, kind: int, value: int, count: int, bits: int) -> int:
    mask = (1 << bits) - 1
    if kind < 2:
        count %= bits
        turned = (value << count | value >> bits - count) if kind == 0 else (value >> count | value << bits - count)
        result = turned & mask
        cpu.carry = result & 1 if kind == 0 else result >> bits - 1
    else:  # the carry is one more bit
        count %= bits + 1
        wide = cpu.carry << bits | value
        turned = (wide << count | wide >> bits + 1 - count) if kind == 2 else (wide >> count | wide << bits + 1 - count)
        cpu.carry, result = turned >> bits & 1, turned & mask
    cpu.overflow = result >> bits - 1 ^ (cpu.carry if kind in (0, 2) else result >> bits - 2 & 1)
    return result


def double_shift(cpu: Cpu, left: bool, values: tuple[int, int], count: int, bits: int) -> int:
    """shld, shrd."""
    value, filler = values
    count &= 31
    if not count:
        return value
    if left:
        wide = (value << bits | filler) << count
        cpu.carry, result = wide >> 2 * bits & 1, wide >> bits & (1 << bits) - 1
    else:
        wide = filler << bits | value
        cpu.carry, result = wide >> count - 1 & 1, wide >> count & (1 << bits) - 1
    cpu.result, cpu.bits = result, bits
    return result


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> bits - 1 else value


def _accumulator(cpu: Cpu, bits: int) -> int:
    """edx:eax, dx:ax or ax."""
    low = cpu.registers[EAX]
    if bits == 8:
        return low & 0xFFFF
    mask = (1 << bits) - 1
    return (cpu.registers[EDX] & mask) << bits | low & mask


def _store(cpu: Cpu, low: int, high: int, bits: int) -> None:
    mask = (1 << bits) - 1
    if bits == 8:
        cpu.set16(EAX, low & mask | (high & mask) << 8)
    elif bits == 16:
        cpu.set16(EAX, low & mask)
        cpu.set16(EDX, high & mask)
    else:
        cpu.registers[EAX], cpu.registers[EDX] = low & MASK, high & MASK


def multiply(cpu: Cpu, value: int, bits: int, *, signed: bool) -> None:
    left = cpu.registers[EAX] & (1 << bits) - 1
    if signed:
        product = _signed(left, bits) * _signed(value, bits)
        cpu.carry = int(not -(1 << bits - 1) <= product < 1 << bits - 1)
    else:
        product = left * value
        cpu.carry = int(product >> bits > 0)
    cpu.overflow = cpu.carry
    _store(cpu, product, product >> bits, bits)


def product(cpu: Cpu, left: int, right: int, bits: int) -> int:
    """imul with two or three operands."""
    whole = _signed(left, bits) * _signed(right, bits)
    cpu.carry = cpu.overflow = int(not -(1 << bits - 1) <= whole < 1 << bits - 1)
    return whole & (1 << bits) - 1


def divide(cpu: Cpu, value: int, bits: int, *, signed: bool) -> None:
    if not value:
        raise Trap(DIVISION)
    number = _accumulator(cpu, bits)
    if signed:
        number, value = _signed(number, 2 * bits), _signed(value, bits)
    quotient = abs(number) // abs(value)
    if (number < 0) != (value < 0):
        quotient = -quotient
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= quotient <= high:
        raise Trap(DIVISION)
    _store(cpu, quotient, number - quotient * value, bits)
