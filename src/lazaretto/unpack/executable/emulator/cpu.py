"""Registers, flags and the loop of the processor."""

from __future__ import annotations

from collections.abc import Callable

from lazaretto.unpack.executable.emulator.memory import LINE, Memory

Op = Callable[[], None]
EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI = range(8)
MASK = 0xFFFFFFFF
_KNOWN = 20_000  # instructions that are kept; more only keep the garbage collector busy
_LEARNING = 40  # steps that reading an instruction counts for, which takes that much longer than running it
_EVEN = bytes(not value.bit_count() & 1 for value in range(256))


class Unknown(Exception):
    """An instruction or a service of the system that is not imitated."""


class Trap(Exception):
    """What the program has a handler for, or dies of; ``code`` is the exception's number in Windows."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exception {code:#x}")


class Cpu:
    """``decode`` makes an operation of the instruction at an address and says where the next one is."""

    def __init__(self, decode: Callable[[Cpu, int], tuple[Op, int]]) -> None:
        self.memory = Memory(self._forget)
        self.registers = [0] * 8
        self.eip = 0
        self.fs = 0  # base of the segment: the thread's own block
        self.carry = self.overflow = self.direction = 0
        self.result, self.bits = 1, 32  # of the last operation: what zero, sign and parity are told from
        self.steps = 0
        self._decode = decode
        self._known: dict[int, tuple[Op, int]] = {}
        self._lines: dict[int, list[int]] = {}  # addresses of known instructions by the lines they touch

    def run(self, limit: int, arrived: Callable[[int, int], None]) -> None:
        """Until ``steps`` is ``limit``; ``arrived`` is called before an instruction is run for the first time since
        its line was written, with its address and the one before.  Raises Fault, Trap, Unknown with ``eip`` at the
        instruction that is to blame."""
        known = self._known
        before = eip = self.eip
        while self.steps < limit:
            entry = known.get(eip)
            if entry is None:
                entry = self._learn(eip, before, arrived)
            self.steps += 1
            self.eip = entry[1]
            try:
                entry[0]()
            except Exception:  # whatever it was, the instruction that is to blame is named; then it goes on up
                self.eip = eip
                raise
            before, eip = eip, self.eip

    def _learn(self, eip: int, before: int, arrived: Callable[[int, int], None]) -> tuple[Op, int]:
        self.steps += _LEARNING
        arrived(eip, before)
        entry = self._decode(self, eip)
        if len(self._known) > _KNOWN:
            self._known.clear()
            self._lines.clear()
        self._known[eip] = entry
        for line in {eip >> LINE, entry[1] - 1 >> LINE}:
            self._lines.setdefault(line, []).append(eip)
        return entry

    def _forget(self, address: int) -> None:
        for eip in self._lines.pop(address >> LINE, ()):
            self._known.pop(eip, None)

    # ------------------------------------------------------------------------ registers and the stack

    def get8(self, number: int) -> int:
        return self.registers[number & 3] >> (number >> 2) * 8 & 0xFF

    def set8(self, number: int, value: int) -> None:
        shift = (number >> 2) * 8
        number &= 3
        self.registers[number] = self.registers[number] & ~(0xFF << shift) & MASK | value << shift

    def set16(self, number: int, value: int) -> None:
        self.registers[number] = self.registers[number] & 0xFFFF0000 | value

    def push(self, value: int, bits: int = 32) -> None:
        top = self.registers[ESP] - (bits >> 3) & MASK
        self.memory.write(top, value, bits)
        self.registers[ESP] = top

    def pop(self, bits: int = 32) -> int:
        top = self.registers[ESP]
        value = self.memory.read(top, bits)
        self.registers[ESP] = top + (bits >> 3) & MASK
        return value

    # ------------------------------------------------------------------------ flags

    def condition(self, number: int) -> bool:
        """Of jcc, setcc and cmovcc (Intel SDM volume 1, appendix B): the lowest bit turns it round."""
        kind = number >> 1
        if kind == 0:
            holds = bool(self.overflow)
        elif kind == 1:
            holds = bool(self.carry)
        elif kind == 2:
            holds = not self.result
        elif kind == 3:
            holds = bool(self.carry) or not self.result
        elif kind == 4:
            holds = bool(self.sign)
        elif kind == 5:
            holds = bool(_EVEN[self.result & 0xFF])
        elif kind == 6:
            holds = self.sign != self.overflow
        else:
            holds = not self.result or self.sign != self.overflow
        return holds != bool(number & 1)

    @property
    def sign(self) -> int:
        return self.result >> self.bits - 1 & 1

    @property
    def flags(self) -> int:
        zero = not self.result
        value = 0x202 | self.carry | _EVEN[self.result & 0xFF] << 2 | zero << 6 | self.sign << 7
        return value | self.direction << 10 | self.overflow << 11

    @flags.setter
    def flags(self, value: int) -> None:
        self.carry, self.direction, self.overflow = value & 1, value >> 10 & 1, value >> 11 & 1
        # A result that zero, sign and parity can be told from again.
        self.bits = 32
        if value & 0x40:
            self.result = 0
        else:
            self.result = (0x80000000 if value & 0x80 else 0x100) | (0 if value & 4 else 1)
