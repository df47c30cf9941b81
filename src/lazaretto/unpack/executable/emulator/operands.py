"""Reading an instruction: prefixes, ModRM and SIB (Intel SDM volume 2, chapter 2), and access to what they name."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.unpack.executable.emulator.cpu import MASK, Cpu, Unknown

Get = Callable[[], int]
Set = Callable[[int], None]
_PREFIXES = frozenset(b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3")


class Code:
    """The bytes of one instruction, read from the left."""

    def __init__(self, cpu: Cpu, address: int) -> None:
        self.cpu, self.address = cpu, address
        self._bytes = cpu.memory.fetch(address)
        self._at = 0
        self.bits, self.segment, self.repeat = 32, 0, 0
        while self._bytes[self._at] in _PREFIXES:
            self._prefix(self.byte())
        self.opcode = self.byte()
        self.field = 0  # the three bits of ModRM that name a register or an operation

    @property
    def next(self) -> int:
        return self.address + self._at & MASK

    def _prefix(self, value: int) -> None:
        if value == 0x66:
            self.bits = 16
        elif value == 0x64:
            self.segment = self.cpu.fs
        elif value in (0x65, 0x67) or self._at > 8:
            raise Unknown(f"prefix {value:#x}")
        elif value in (0xF2, 0xF3):
            self.repeat = value

    def byte(self) -> int:
        if self._at >= len(self._bytes) - 1:
            raise Unknown("an instruction that is too long")
        self._at += 1
        return self._bytes[self._at - 1]

    def value(self, bits: int) -> int:
        length = bits >> 3
        self._at += length
        if self._at > 15:
            raise Unknown("an instruction that is too long")
        return int.from_bytes(self._bytes[self._at - length : self._at], "little")

    def signed(self, bits: int) -> int:
        """Extended to 32 bits."""
        value = self.value(bits)
        return (value - (1 << bits)) & MASK if value >> bits - 1 else value

    def register(self, number: int, bits: int) -> tuple[Get, Set]:
        cpu, registers = self.cpu, self.cpu.registers
        if bits == 32:
            return lambda: registers[number], lambda value: registers.__setitem__(number, value)
        if bits == 16:
            return lambda: registers[number] & 0xFFFF, lambda value: cpu.set16(number, value)
        return lambda: cpu.get8(number), lambda value: cpu.set8(number, value)

    def memory(self, address: Get, bits: int) -> tuple[Get, Set]:
        read, write = self.cpu.memory.read, self.cpu.memory.write
        return lambda: read(address(), bits), lambda value: write(address(), value, bits)

    def modrm(self, bits: int, source: int | None = None) -> tuple[Get, Set, Get | None]:
        """How to get and set the operand, and its address when it is in memory.  ``source``: a ModRM byte that was
        read already."""
        value = self.byte() if source is None else source
        self.field = value >> 3 & 7
        if value >= 0xC0:
            return (*self.register(value & 7, bits), None)
        address = self._address(value >> 6, value & 7)
        return (*self.memory(address, bits), address)

    def _address(self, mode: int, number: int) -> Get:
        registers, segment = self.cpu.registers, self.segment
        index, scale, base = None, 0, number if number != 4 else None
        if number == 4:
            sib = self.byte()
            base, scale = sib & 7, sib >> 6
            index = sib >> 3 & 7 if sib >> 3 & 7 != 4 else None
        if mode == 0 and base == 5:
            base, offset = None, self.value(32)
        else:
            offset = self.signed(8) if mode == 1 else self.value(32) if mode == 2 else 0
        offset = offset + segment & MASK
        if base is None and index is None:
            return lambda: offset
        if index is None:
            only = base or 0
            return lambda: registers[only] + offset & MASK
        other = index
        if base is None:
            return lambda: (registers[other] << scale) + offset & MASK
        first = base
        return lambda: registers[first] + (registers[other] << scale) + offset & MASK
