"""Sparse files of GNU tar: files with holes, of which an archive has only what is between (tar manual, "Storing Sparse
Files").  Four forms: one in the header, three in pax records."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST = 32 << 20  # bytes of holes that are filled, in one archive
RECORDS = 50_000  # pax records about holes; of form 0.0 there are two for each piece
_PIECES = 100_000
_BLOCK, _CHUNK = 512, 1 << 20
_MAP_AT, _IN_HEADER, _IN_BLOCK = 386, 4, 21  # old form: pieces in the header, in each block behind it


@dataclass(frozen=True, slots=True)
class Map:
    """``pieces``: offset in the file, length; their data stands one behind the other from ``start``."""

    start: int
    size: int
    pieces: tuple[tuple[int, int], ...]

    @property
    def holes(self) -> int:
        """Bytes; -1 for a map out of order, which tells readers to put the pieces elsewhere than they stand."""
        reach, data = 0, 0
        for offset, length in self.pieces:
            if offset < reach:
                return -1
            reach, data = offset + length, data + length
        return max(self.size, reach) - data

    def chunks(self, data: bytes, end: int) -> Iterator[bytes]:
        """The file; ``end`` is where its data ends in the archive."""
        at, reach = self.start, 0
        for offset, length in self.pieces:
            yield from _zeros(offset - reach)
            stop = min(at + length, end, len(data))
            for here in range(at, stop, _CHUNK):
                yield data[here : min(here + _CHUNK, stop)]
            at, reach = at + length, offset + length
        yield from _zeros(self.size - reach)


def of_header(data: bytes, header: bytes, start: int) -> Map:
    """The old form: ``start`` is behind the header, where more of the map may stand before the data."""
    pieces = _pairs(header, _MAP_AT, _IN_HEADER)
    more = header[482]
    while more and start + _BLOCK <= len(data):
        block = data[start : start + _BLOCK]
        if len(pieces) < _PIECES:
            pieces += _pairs(block, 0, _IN_BLOCK)
        more, start = block[504], start + _BLOCK
    return Map(start, number(header[483:495]), tuple(pieces))


def of_pax(data: bytes, start: int, size: int, records: Sequence[tuple[bytes, bytes]]) -> Map | None:
    """Forms 0.0, 0.1 and 1.0; None when the records are about none."""
    if not records:
        return None
    known = dict(records)
    whole = _digits(known.get(b"GNU.sparse.realsize") or known.get(b"GNU.sparse.size") or b"")
    if known.get(b"GNU.sparse.major") == b"1":
        return _map_in_data(data, start, size, whole)
    if listed := known.get(b"GNU.sparse.map"):
        numbers = [_digits(each) for each in listed.split(b",", 2 * _PIECES)[: 2 * _PIECES]]
        return Map(start, whole, tuple(zip(numbers[::2], numbers[1::2], strict=False)))
    offsets = [_digits(value) for key, value in records if key == b"GNU.sparse.offset"]
    lengths = [_digits(value) for key, value in records if key == b"GNU.sparse.numbytes"]
    return Map(start, whole, tuple(zip(offsets, lengths, strict=False))) if offsets else None


def _map_in_data(data: bytes, start: int, size: int, whole: int) -> Map:
    """Form 1.0: how many pieces, then offsets and lengths, a line each, filled up to whole blocks."""
    at, end, numbers = start, min(start + size, len(data)), list[int]()
    wanted = 1
    while len(numbers) < wanted and at < end:
        line = data.find(b"\n", at, min(at + 24, end))
        if line < 0:
            break
        numbers.append(_digits(data[at:line]))
        at = line + 1
        if len(numbers) == 1:
            wanted = 1 + 2 * min(numbers[0], _PIECES)
    behind = start + -(-(at - start) // _BLOCK) * _BLOCK
    return Map(behind, whole, tuple(zip(numbers[1::2], numbers[2::2], strict=False)))


def number(octets: bytes) -> int:
    """Octal digits, or base 256 behind a set high bit (GNU).  What is neither counts as 0."""
    if octets[:1] >= b"\x80":
        return int.from_bytes(bytes([octets[0] & 0x7F]) + octets[1:], "big") if octets[0] == 0x80 else 0
    digits = octets.replace(b"\0", b" ").split()
    try:
        return max(int(digits[0], 8), 0) if digits else 0
    except ValueError:
        return 0


def _pairs(block: bytes, at: int, count: int) -> list[tuple[int, int]]:
    fields = struct.iter_unpack("12s12s", block[at : at + 24 * count])
    return [(number(offset), number(length)) for offset, length in fields if offset.strip(b"\0")]


def _digits(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 20 else 0


def _zeros(count: int) -> Iterator[bytes]:
    while count > 0:
        yield bytes(min(count, _CHUNK))
        count -= _CHUNK
