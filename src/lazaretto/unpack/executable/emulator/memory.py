"""Memory in a few regions.  Each knows, in lines of 64 bytes, what was written and what was run."""

from __future__ import annotations

from collections.abc import Callable

LINE = 6  # bits of an address within a line
_WIDTH = {8: 1, 16: 2, 32: 4}


class Fault(Exception):
    """An access to memory that is not there."""

    def __init__(self, address: int) -> None:
        self.address = address
        super().__init__(f"no memory at {address:#x}")


class Region:
    def __init__(self, base: int, size: int) -> None:
        self.base, self.size = base, size
        self.data = bytearray(size + 8)
        lines = (size + 8 >> LINE) + 1
        self.written = bytearray(lines)
        self.run = bytearray(lines)


class Memory:
    def __init__(self, changed: Callable[[int], None]) -> None:
        """``changed`` is told the address of a line that was run before and is written now."""
        self.regions: list[Region] = []
        self._changed = changed

    def add(self, base: int, size: int) -> Region:
        region = Region(base, size)
        self.regions.append(region)
        return region

    def region(self, address: int, length: int = 1) -> Region:
        for region in self.regions:
            if region.base <= address and address + length <= region.base + region.size:
                return region
        raise Fault(address)

    def read(self, address: int, bits: int) -> int:
        length = bits >> 3
        for region in self.regions:
            at = address - region.base
            if 0 <= at <= region.size - length:
                return int.from_bytes(region.data[at : at + length], "little")
        raise Fault(address)

    def write(self, address: int, value: int, bits: int) -> None:
        length = bits >> 3
        for region in self.regions:
            at = address - region.base
            if 0 <= at <= region.size - length:
                region.data[at : at + length] = value.to_bytes(length, "little")
                first, last = at >> LINE, at + length - 1 >> LINE
                region.written[first] = region.written[last] = 1
                if region.run[first] or region.run[last]:
                    self._change(region, first, last)
                return
        raise Fault(address)

    def take(self, address: int, length: int) -> bytes:
        region = self.region(address, length)
        at = address - region.base
        return bytes(region.data[at : at + length])

    def put(self, address: int, data: bytes) -> None:
        if not data:
            return
        region = self.region(address, len(data))
        at = address - region.base
        region.data[at : at + len(data)] = data
        first, last = at >> LINE, at + len(data) - 1 >> LINE
        region.written[first : last + 1] = b"\x01" * (last + 1 - first)
        if any(region.run[first : last + 1]):
            self._change(region, first, last)

    def text(self, address: int, longest: int = 256) -> bytes:
        region = self.region(address)
        at = address - region.base
        end = region.data.find(b"\0", at, at + longest)
        return bytes(region.data[at : at + longest if end < 0 else end])

    def fetch(self, address: int) -> bytes:
        """The bytes an instruction may consist of; marks their lines as run."""
        region = self.region(address)
        at = address - region.base
        code = bytes(region.data[at : at + 16])
        region.run[at >> LINE] = region.run[min(at + 15, region.size) >> LINE] = 1
        return code

    def was_written(self, address: int) -> bool:
        region = self.region(address)
        return bool(region.written[address - region.base >> LINE])

    def _change(self, region: Region, first: int, last: int) -> None:
        for line in range(first, last + 1):
            if region.run[line]:
                region.run[line] = 0
                self._changed(region.base + (line << LINE))
