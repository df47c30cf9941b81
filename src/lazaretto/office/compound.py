"""Compound files ([MS-CFB]), known as OLE2: a file system in a file.

Own and not a library's, because what matters here is what others pass over: entries that no folder names, sectors that
no stream owns, bytes behind the end.  Nothing in a file is trusted: every chain is followed once and no further than
the file has sectors, whatever its tables and sizes say.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple
from uuid import UUID

from lazaretto.errors import LimitExceeded, Malformed

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STORAGE, STREAM, ROOT = 1, 2, 5  # 2.6.1: types of entries
MOST: Final = 100_000  # entries; a large honest installer has some thousands
_DEEPEST = 32  # names of a path
_RUN = 1 << 20  # bytes given out at a time
_SHARED = 4  # times; honest streams share nothing, but are read more than once

_LAST = 0xFFFFFFFA  # 2.1: what is greater is a mark, not a sector
_FREE = 0xFFFFFFFF


class Entry(NamedTuple):
    """One entry of the directory."""

    number: int
    name: str
    kind: int  # STORAGE, STREAM, ROOT; anything else is a deleted one
    left: int
    right: int
    child: int
    clsid: str  # "" for none
    start: int
    size: int


class Compound:
    """One file.  Raises Malformed when it is none or nothing of it can be read."""

    def __init__(self, data: bytes, most: int = MOST) -> None:
        if data[:8] != MAGIC or len(data) < 512:
            raise Malformed("a compound file without a header")
        self.data = data
        self._left = _SHARED * len(data) + _RUN  # bytes of streams that are given out
        self.notes: list[str] = []  # what is wrong with it, for people
        self._most = most
        (version, _, shift, mini) = struct.unpack_from("<HHHH", data, 26)
        self._large = version >= 4 and shift == 12
        # 2.2: 9 for version 3, 12 for version 4.  Readers take other sizes as they stand; an absurd one is a slip.
        self._shift = shift if 6 <= shift <= 20 else 9
        self._mini_shift = mini if mini < self._shift else 6
        self._cutoff = 4096  # 2.2: always; Windows asks nothing else
        self.sector = 1 << self._shift
        self.sectors = max(0, (len(data) - 1) >> self._shift)  # the header takes one; the last may be cut off
        self._fat = self._read_fat()
        self.entries = self._read_entries()
        if not self.entries:
            raise Malformed("a compound file without a directory")

    # ------------------------------------------------------------------ tables

    def _table(self, sectors: Iterator[int], most: int) -> array[int]:
        table = array("I")
        for sector in sectors:
            if len(table) >= most:
                break
            piece = self._sector(sector)
            table.frombytes(piece + b"\xff" * (-len(piece) % self.sector))
        if sys.byteorder == "big":
            table.byteswap()
        return table

    def _read_fat(self) -> array[int]:
        return self._table(iter(self._fat_sectors), self.sectors)

    @cached_property
    def _fat_sectors(self) -> list[int]:
        """2.5: 109 in the header, the others in a chain of sectors whose last number is the next of the chain."""
        found = [each for each in struct.unpack_from("<109I", self.data, 76) if each < _LAST]
        self._difat: list[int] = []
        at, seen = struct.unpack_from("<I", self.data, 68)[0], set[int]()
        enough = (self.sectors * 4 >> self._shift) + 1
        while at < self.sectors and at not in seen and len(found) < enough:
            seen.add(at)
            self._difat.append(at)
            piece = self._sector(at)
            numbers = struct.unpack_from(f"<{len(piece) // 4}I", piece)
            found += (each for each in numbers[:-1] if each < _LAST)
            at = numbers[-1] if numbers else _FREE
        return found

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        return self.data[start : start + self.sector]

    def _chain(self, start: int, table: array[int], most: int) -> Iterator[int]:
        """Numbers of a chain, each once."""
        seen: set[int] = set()
        while start < len(table) and start not in seen and len(seen) < most:
            seen.add(start)
            yield start
            start = table[start]

    @cached_property
    def _mini_fat(self) -> array[int]:
        start = struct.unpack_from("<I", self.data, 60)[0]
        most = self.sectors << self._shift >> self._mini_shift
        return self._table(self._chain(start, self._fat, self.sectors), most)

    @cached_property
    def _mini(self) -> bytes:
        """2.4: small streams lie in one that belongs to the root."""
        return b"".join(self._runs(self.root.start, len(self.data)))  # of any size that it says

    # ------------------------------------------------------------------ directory

    def _read_entries(self) -> list[Entry]:
        found: list[Entry] = []
        start = struct.unpack_from("<I", self.data, 48)[0]
        for sector in self._chain(start, self._fat, self.sectors):
            piece = self._sector(sector)
            for at in range(0, len(piece) - 127, 128):
                found.append(self._entry(len(found), piece, at))
            if len(found) >= self._most:
                self.notes.append(f"more than {self._most} entries")
                break
        return found

    def _entry(self, number: int, piece: bytes, at: int) -> Entry:
        length, kind, _, left, right, child = struct.unpack_from("<HBBIII", piece, at + 64)
        start, size = struct.unpack_from("<IQ", piece, at + 116)
        raw = piece[at : at + min(max(length - 2, 0), 64)]
        name = raw[: len(raw) & ~1].decode("utf-16-le", "replace")
        guid = piece[at + 80 : at + 96]
        clsid = str(UUID(bytes_le=guid)).upper() if any(guid) else ""  # [MS-DTYP] 2.3.4.2
        # 2.6.3: in version 3 the upper half may be anything
        return Entry(number, name, kind, left, right, child, clsid, start, size if self._large else size & 0xFFFFFFFF)

    @property
    def root(self) -> Entry:
        return self.entries[0]

    @cached_property
    def parents(self) -> dict[int, int]:
        """Who holds whom, of all that the tree reaches, in the order of the tree."""
        found: dict[int, int] = {}
        waiting = [(self.root.child, 0)]
        while waiting:
            number, parent = waiting.pop()
            if number >= len(self.entries) or number in found or not number:
                continue
            found[number] = parent
            entry = self.entries[number]
            waiting += [(entry.right, parent), (entry.left, parent)]
            if entry.kind == STORAGE:
                waiting.append((entry.child, number))
        return found

    @cached_property
    def children(self) -> dict[int, list[Entry]]:
        found: dict[int, list[Entry]] = {}
        for number, parent in self.parents.items():
            found.setdefault(parent, []).append(self.entries[number])
        return found

    def path(self, entry: Entry) -> tuple[str, ...]:
        """Its names from the root on, or the last 32 of them."""
        names = [entry.name]
        number = entry.number
        while (number := self.parents.get(number, 0)) and len(names) < _DEEPEST:
            names.append(self.entries[number].name)
        return tuple(reversed(names))

    def find(self, *path: str) -> Entry | None:
        """By its names in any case, as Windows compares them (2.6.4)."""
        at: Entry | None = self.root
        for name in path:
            inside = self.children.get(at.number, []) if at else []
            at = next((each for each in inside if each.name.casefold() == name.casefold()), None)
        return at

    def streams(self) -> Iterator[Entry]:
        """Those that the tree reaches."""
        return (self.entries[number] for number in self.parents if self.entries[number].kind == STREAM)

    def orphans(self) -> Iterator[Entry]:
        """Streams that no storage names and deleted ones that still say where they were."""
        for entry in self.entries[1:]:
            if entry.number not in self.parents and entry.kind != STORAGE and entry.size and entry.start < _LAST:
                yield entry

    # ------------------------------------------------------------------ streams

    def read(self, entry: Entry, most: int | None = None) -> bytes:
        """The whole of it, as far as it goes, or its beginning."""
        if most is None or most >= entry.size:
            return b"".join(self._pieces(entry))
        pieces, size = [], 0
        for piece in self._pieces(entry):
            pieces.append(piece)
            size += len(piece)
            if size >= most:
                break
        return b"".join(pieces)[:most]

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Its bytes in runs.  Raises Malformed at the end when it is shorter than it says."""
        size = 0
        for piece in self._pieces(entry):
            size += len(piece)
            yield piece
        if size < entry.size:
            raise Malformed(f"a stream of {entry.size} bytes ends after {size}")

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        """Raises LimitExceeded when streams share so many sectors that they make several files of one."""
        for piece in self._mini_pieces(entry) if self.is_mini(entry) else self._runs(entry.start, entry.size):
            self._left -= len(piece)
            if self._left < 0:
                raise LimitExceeded("ratio", "streams that share their sectors")
            yield piece

    def is_mini(self, entry: Entry) -> bool:
        return entry.size < self._cutoff and entry.kind != ROOT

    def _mini_pieces(self, entry: Entry) -> Iterator[bytes]:
        left, width = entry.size, 1 << self._mini_shift
        for number in self._chain(entry.start, self._mini_fat, -(-left // width)):
            piece = self._mini[number * width : number * width + min(left, width)]
            left -= len(piece)
            if not piece:
                return
            yield piece

    def _runs(self, start: int, size: int) -> Iterator[bytes]:
        """A chain with its neighbours joined."""
        for at, length in self._spans(start, size):
            yield self.data[at : at + length]

    def _spans(self, start: int, size: int) -> Iterator[tuple[int, int]]:
        """Where in the file a chain lies: offset and length of each run, ``size`` bytes in all."""
        left, first, count = size, -2, 0
        for number in self._chain(start, self._fat, -(-size >> self._shift)):
            if number == first + count and count << self._shift < _RUN:
                count += 1
                continue
            if count:
                yield self._span(first, count, left)
                left -= count << self._shift
            first, count = number, 1
        if count and left > 0:
            yield self._span(first, count, left)

    def _span(self, first: int, count: int, left: int) -> tuple[int, int]:
        at = (first + 1) << self._shift
        return at, max(0, min(count << self._shift, left, len(self.data) - at))

    def places(self, entry: Entry) -> Iterator[tuple[int, int]]:
        """Where in the file the bytes of a stream lie: offset and length of each piece, in order."""
        if not self.is_mini(entry):
            yield from self._spans(entry.start, entry.size)
            return
        width, left = 1 << self._mini_shift, entry.size
        whole = list(self._chain(self.root.start, self._fat, self.sectors))
        for number in self._chain(entry.start, self._mini_fat, -(-left // width)):
            outer, inner = divmod(number * width, self.sector)
            if outer >= len(whole):
                return
            yield ((whole[outer] + 1) << self._shift) + inner, min(left, width)
            left -= width

    # ------------------------------------------------------------------ what nobody owns

    def slack(self) -> tuple[list[tuple[int, int]], int]:
        """Where in the file lie bytes that belong to nothing, as pairs of start and end; and where the last sector ends
        that does belong to something: what is behind it was appended.  Runs of zeros are left out."""
        used = bytearray(self.sectors)
        for start in (*struct.unpack_from("<I", self.data, 48), *struct.unpack_from("<I", self.data, 60)):
            self._mark(start, used)
        self._mark(self.root.start, used)
        for entry in (*self.streams(), *self.orphans()):
            if not self.is_mini(entry):
                self._mark(entry.start, used)
        for number in (*self._fat_sectors, *self._difat):
            if number < len(used):
                used[number] = 1
        end = (used.rfind(1) + 2) << self._shift
        found = [(512, self.sector)] if self.sector > 512 else []  # 2.2: the header of version 4 fills its sector
        at = used.find(0)
        while at >= 0:
            behind = used.find(1, at)
            behind = len(used) if behind < 0 else behind
            found.append(((at + 1) << self._shift, min((behind + 1) << self._shift, len(self.data))))
            at = used.find(0, behind)
        return [each for each in found if any(self._nonzero(*each))], end

    def _nonzero(self, start: int, end: int) -> Iterator[bool]:
        for at in range(start, end, _RUN):
            piece = self.data[at : min(at + _RUN, end)]
            yield piece.count(0) < len(piece)

    def _mark(self, start: int, used: bytearray) -> None:
        """A chain is left where another has been: two that meet go on as one, so that all is visited once."""
        while start < len(self._fat) and start < len(used) and not used[start]:
            used[start] = 1
            start = self._fat[start]
