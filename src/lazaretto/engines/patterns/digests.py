"""A table of millions of digests that forked processes share.

Records of one width lie sorted in an anonymous map: sixteen bytes of the digest (nobody can aim for more than that),
size, and the name as a stem and two numbers ("Win.Trojan.Agent-" 123 "-" 0), because the stems of large sets repeat
and their numbers do not.  Looking up reads the map alone, so no reference count is written and no page is copied.
"""

from __future__ import annotations

import mmap
import struct
from array import array
from collections.abc import Iterator

KEY = 16
WIDTH = KEY + 14
MOST = 32_000_000  # entries of one table: about a gigabyte
ANY_SIZE = -1

_REST = struct.Struct("<IIIBB")  # size, stem, number, revision, and what of them is there
_PACK = _REST.pack
_ANY = 0xFFFFFFFF
_PARTITIONS = 256
_SIZES = 1 << 20  # bits


class Digests:
    """Digests of one length.  Filled by ``add``, then sealed; ``find`` works on what is sealed."""

    def __init__(self) -> None:
        self._parts: list[bytearray] | None = [bytearray() for _ in range(_PARTITIONS)]
        self._stems: dict[str, int] = {}
        self._names: tuple[str, ...] = ()
        self._sizes = bytearray(_SIZES // 8)
        self._any = False
        self._table: mmap.mmap | None = None
        self._starts = array("I")  # of each bucket: two bytes of the digest
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, digest: bytes, name: str, size: int) -> None:
        if self._parts is None or self._count >= MOST:
            raise ValueError(f"more than {MOST} hashes")
        stem, number, revision, form = _parted(name)
        stems = self._stems
        which = stems.get(stem)
        if which is None:
            which = stems[stem] = len(stems)
        if size < 0:
            self._any, kept = True, _ANY
        else:
            kept = size if size < _ANY else _ANY - 1
            bit = size % _SIZES
            self._sizes[bit >> 3] |= 1 << (bit & 7)
        self._parts[digest[0]] += digest[:KEY] + _PACK(kept, which, number, revision, form)
        self._count += 1

    def seal(self) -> None:
        """Sorts, one part after another, so that little more than the table itself is in memory."""
        if self._parts is None or not self._count:
            return
        self._table = mmap.mmap(-1, self._count * WIDTH)
        starts = array("I", bytes(4 * 65537))
        at = 0
        for number, part in enumerate(self._parts):
            records = sorted(part[begin : begin + WIDTH] for begin in range(0, len(part), WIDTH))
            self._parts[number] = bytearray()
            for record in records:
                starts[(record[0] << 8 | record[1]) + 1] += 1
            self._table.write(b"".join(records))
            at += len(records)
        for bucket in range(1, 65537):
            starts[bucket] += starts[bucket - 1]
        self._starts, self._parts = starts, None
        self._names, self._stems = tuple(self._stems), {}

    def wants(self, size: int) -> bool:
        """Whether an entry may have this size: nobody has to compute a digest for nothing."""
        bit = size % _SIZES
        return self._count > 0 and (self._any or bool(self._sizes[bit >> 3] >> (bit & 7) & 1))

    def find(self, digest: bytes, size: int) -> Iterator[str]:
        """Names of the entries with this digest, and this size or none."""
        table = self._table
        if table is None:
            return
        key = digest[:KEY]
        bucket = key[0] << 8 | key[1]
        low, high = self._starts[bucket], self._starts[bucket + 1]
        end = high
        while low < high:
            middle = (low + high) >> 1
            if table[middle * WIDTH : middle * WIDTH + KEY] < key:
                low = middle + 1
            else:
                high = middle
        while low < end and table[low * WIDTH : low * WIDTH + KEY] == key:
            wanted, stem, number, revision, form = _REST.unpack_from(table, low * WIDTH + KEY)
            if wanted in (_ANY, size):
                yield self._names[stem] + ("", f"{number}", f"{number}-{revision}")[form]
            low += 1

    @property
    def memory(self) -> int:
        """Bytes that the table takes."""
        return self._count * WIDTH


def _parted(name: str) -> tuple[str, int, int, int]:
    """Stem, number, revision, and how many of the two there are."""
    stem, _, last = name.rpartition("-")
    if not _plain(last, 9) or not stem:
        return name, 0, 0, 0
    shorter, _, number = stem.rpartition("-")
    if shorter and _plain(number, 9) and _plain(last, 2):
        return shorter + "-", int(number), int(last), 2
    return stem + "-", int(last), 0, 1


def _plain(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= most and (text == "0" or text[0] != "0")
