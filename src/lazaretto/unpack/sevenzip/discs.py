"""Discs have several trees of names over the same files: ISO 9660 of its own, Joliet's, those of ISO 9660:1999 and UDF.

Which one people see depends on their system (Windows takes UDF or Joliet, others the first or Rock Ridge), and each
may show files that the others do not.  7-Zip reads one of ISO's trees; here it gets the same bytes with all others
masked, once for each, and a file that has been given already under such a name is left out.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lazaretto.errors import HostileInput
from lazaretto.unpack import disk
from lazaretto.unpack.sevenzip.archive import Archive, Item

Pieces = list[tuple[bytes, int, int]]

_FIRST, _SIZE, _MOST = 32768, 2048, 64  # ECMA-119 6.2.1: volume descriptors
_ROOT = 156  # 8.4.18: the root's directory record
_SHORT = (120, 124, 128, _ROOT + 28)  # numbers of two bytes that are there in both orders
_TWICE = (80, 132, _ROOT + 2, _ROOT + 10, *_SHORT)
_ESCAPES = slice(88, 91)  # 8.5.6: what says that it is Joliet's
_JOLIET = (b"%/@", b"%/C", b"%/E")
_TREES = 4  # of one sort


@dataclass(frozen=True, slots=True)
class _Volume:
    at: int
    joliet: bool
    sector: bytes

    @property
    def extent(self) -> int:
        """Where the root is."""
        return int(struct.unpack_from("<I", self.sector, _ROOT + 2)[0])

    def shown(self) -> bytes:
        """As 7-Zip shows it.  Where the two halves of a number (7.3.3) differ it shows nothing: here, as elsewhere, the
        first counts."""
        sector = bytearray(self.sector)
        sector[0] = 2 if self.joliet else 1
        for at in _TWICE:
            size = 2 if at in _SHORT else 4
            sector[at + size : at + 2 * size] = sector[at : at + size][::-1]
        return bytes(sector)


def trees(data: bytes) -> Iterator[tuple[str, Pieces]]:
    """For each tree the handler, and the bytes in which it finds only this one, in each of the descriptors."""
    volumes = list(_volumes(data))
    joliet = [volume for volume in volumes if volume.joliet]
    for shown in (*_distinct(joliet), *_distinct([volume for volume in volumes if not volume.joliet])):
        yield "Iso", _patched(data, [(volume.at, shown.shown()) for volume in volumes])
    if not volumes:
        yield "Iso", _patched(data, [])
    if disk.has_udf(data):
        yield "Udf", _patched(data, [])


def _volumes(data: bytes) -> Iterator[_Volume]:
    for number in range(_MOST):
        at = _FIRST + number * _SIZE
        if data[at + 1 : at + 6] != b"CD001" or data[at] == 255:
            return
        volume = data[at : at + _SIZE]
        if data[at] in (1, 2) and len(volume) == _SIZE:
            yield _Volume(at, data[at] == 2 and volume[_ESCAPES] in _JOLIET, volume)


def _distinct(volumes: list[_Volume]) -> list[_Volume]:
    """The first of each root, primary ones before others."""
    found: dict[int, _Volume] = {}
    for volume in sorted(volumes, key=lambda volume: volume.sector[0]):
        found.setdefault(volume.extent, volume)
    return list(found.values())[:_TREES]


def _patched(data: bytes, patches: Sequence[tuple[int, bytes]]) -> Pieces:
    pieces: Pieces = []
    at = 0
    for start, new in sorted(patches):
        pieces += [(data, at, start), (new, 0, len(new))]
        at = start + len(new)
    return [*pieces, (data, at, len(data))]


class Seen:
    """What has come out of the trees so far.  ``room``: bytes that may be read only to compare."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._given: set[tuple[str, bytes]] = set()
        self._sizes: set[tuple[str, int | None]] = set()

    def watch(self, item: Item, chunks: Iterator[bytes]) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            yield chunk
        self._given.add((_suffix(item), digest.digest()))
        self._sizes.add((_suffix(item), item.size))

    def fresh(self, archive: Archive, items: Sequence[Item]) -> list[Item]:
        """Those that have not come out with this content and this kind of name."""
        asked: dict[int, Item] = {}
        for item in items:
            if (_suffix(item), item.size) in self._sizes and (item.size or 0) <= self._room:
                self._room -= item.size or 0
                asked[item.index] = item
        old: set[int] = set()
        with archive.extract(list(asked)) as run:
            for index, chunks in run:
                digest = hashlib.sha256()
                try:
                    for chunk in chunks:
                        digest.update(chunk)
                except HostileInput:
                    continue
                if (_suffix(asked[index]), digest.digest()) in self._given:
                    old.add(index)
        return [item for item in items if item.index not in old]


def _suffix(item: Item) -> str:
    return item.path.rpartition("/")[2].rpartition(".")[2].lower()
