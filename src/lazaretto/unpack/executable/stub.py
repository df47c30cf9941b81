"""Runs the beginning of a packed program in the small processor and gives what then lies in its memory."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from lazaretto.unpack.executable.emulator.cpu import Trap, Unknown
from lazaretto.unpack.executable.emulator.memory import Fault
from lazaretto.unpack.executable.emulator.windows import ACCESS, Ended, Process
from lazaretto.unpack.executable.layout import Image

_STEPS = 2_500_000  # instructions; about three seconds
_STAGES = 3  # memories that are kept
_PAUSE = 2000  # instructions that a stage lasts at least: a decoder that writes itself makes many small ones
_FAR = 0x1000  # bytes; whoever jumps further than that leaves the decoder
_LINES = 8  # of 64 bytes, written: less is no program
_I386 = 0x14C
# What is not imitated, and what a program can bring about by values that no real one has.
_ENDS = (Unknown, Ended, struct.error, LookupError, ValueError, ArithmeticError)


@dataclass(slots=True)
class Run:
    """What came of it."""

    memories: list[bytes] = field(default_factory=list)  # one for each stage; PE files, when it left the decoder
    begun: bool = False  # it left the decoder
    why: str = ""  # it ended
    steps: int = 0


def run(data: bytes, image: Image, steps: int = _STEPS) -> Run:
    """For PE files of 32 bits; never raises."""
    result = Run()
    if image.format != "PE" or image.machine != _I386 or image.wide:
        result.why = "not of a kind that can be run here"
        return result
    try:
        process = Process(data, image)
    except (Fault, *_ENDS) as error:
        result.why = str(error)
        return result
    _Watch(process, result, steps).go()
    return result


class _Watch:
    def __init__(self, process: Process, result: Run, steps: int) -> None:
        self._process, self._result, self._limit = process, result, steps
        self._since = 0  # step of the last stage

    def go(self) -> None:
        process, result = self._process, self._result
        cpu = process.cpu
        while not result.why:
            try:
                cpu.run(self._limit, self._arrived)
                result.why = f"more than {self._limit} instructions"
            except Fault as error:
                result.why = self._outside(error.address)
            except Trap as error:
                result.why = self._handled(error.code)
            except _ENDS as error:
                result.why = str(error)
        result.steps = cpu.steps
        self._end()

    def _end(self) -> None:
        """What lies in memory at the end, when no stage showed it: the program may have come to its own beginning
        where nothing had to be written, or the decoder has failed halfway."""
        process, result = self._process, self._result
        region, entry = process.region, process.image.at(process.image.entry)
        if result.memories or region.written.count(1) < _LINES:
            return
        memory = bytes(region.data[: region.size])
        here = process.image.at(process.caller - region.base)
        result.begun = here is not None and here is not entry
        if result.begun:
            result.memories.append(as_file(memory, process.caller - region.base))
        else:  # no header: nobody would gain by running it again
            result.memories.append(memory[0x1000:].rstrip(b"\0"))

    def _outside(self, address: int) -> str:
        process = self._process
        try:
            if address == process.cpu.eip and process.outside(address):
                return ""
            return self._handled(ACCESS, address)
        except (Fault, *_ENDS) as error:
            return str(error)

    def _handled(self, code: int, address: int = 0) -> str:
        try:
            return "" if self._process.handle(code, address) else f"exception {code:#x}"
        except (Fault, *_ENDS) as error:
            return str(error)

    def _arrived(self, eip: int, before: int) -> None:
        """The code at ``eip`` is new: when the program wrote it, and came from elsewhere, a stage begins."""
        process, result = self._process, self._result
        region = process.region
        if not region.base <= eip < region.base + region.size or not process.cpu.memory.was_written(eip):
            return
        here, there = process.image.at(eip - region.base), process.image.at(before - region.base)
        near = here is there and abs(eip - before) < _FAR
        if near or (result.memories and process.cpu.steps - self._since < _PAUSE):
            return
        process.cpu.steps += region.size >> 8  # a copy takes its time
        self._since = process.cpu.steps
        result.begun = True
        if len(result.memories) == _STAGES:
            result.memories.pop()
        result.memories.append(as_file(bytes(region.data[: region.size]), eip - region.base))


def as_file(memory: bytes, entry: int) -> bytes:
    """A PE whose sections lie in the file where they lie in memory, under names that say nothing."""
    out = bytearray(memory.rstrip(b"\0"))
    at = int.from_bytes(out[0x3C:0x40], "little")
    if out[at : at + 4] != b"PE\0\0" or at + 0x60 > len(out):
        return bytes(out)
    count, = struct.unpack_from("<H", out, at + 6)  # fmt: skip
    optional, = struct.unpack_from("<H", out, at + 20)  # fmt: skip
    struct.pack_into("<I", out, at + 40, entry)
    for number in range(min(count, 96)):
        place = at + 24 + optional + 40 * number
        if place + 40 > len(out):
            break
        size, address = struct.unpack_from("<II", out, place + 8)
        length = max(0, min(size + 0xFFF & ~0xFFF, len(out) - address))
        struct.pack_into("<8sIIII", out, place, b".s%d" % number, size, address, length, address)
    return bytes(out)
