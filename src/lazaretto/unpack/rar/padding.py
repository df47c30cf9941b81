"""Encrypted data is padded to whole blocks of the cipher, and nothing says how long it was before.

The decompressors take what pads it for more data: libarchive for another block, unarr for the beginning of the next
file of a chain.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lazaretto.errors import HostileInput
from lazaretto.unpack.rar import rebuild
from lazaretto.unpack.rar.blocks import Item
from lazaretto.unpack.rar.unarr import Library

_BLOCK = 16
_KEPT = (1, 0, 2)  # zeros at the end that may be data: an end mark of two zero bits is written as a byte
_SEARCHED, _UNPACKED = 32, 4 << 20  # files and bytes of a chain for which all are tried; it is quadratic


def length(chunks: Iterator[bytes]) -> int:
    """Of RAR 5's compressed data without what pads it: libarchive takes that for another block.  Each block says how
    long it is and whether it is the last (unrar's unpack50.cpp, ReadBlockHeader)."""
    at, seen, held = 0, 0, b""
    for chunk in chunks:
        held, seen = held + chunk, seen + len(chunk)
        while True:
            here = at - (seen - len(held))
            if here >= len(held) - 5:  # too near the end of what is known, or behind it
                held = held[max(0, min(here, len(held) - 5)) :]
                break
            flags, count = held[here], (held[here] >> 3 & 3) + 1
            at += 2 + count + int.from_bytes(held[here + 2 : here + 2 + count], "little")
            if flags & 0x40 or count > 3:
                return at if count <= 3 else seen
    return seen


def archive(items: Sequence[Item], feed: rebuild.Feed, library: Library) -> bytes:
    """For unarr: the RAR 4 archive of this chain, in one piece."""
    pieces = [b"".join(feed(item)) for item in items]
    if not any(item.lock for item in items):
        return _joined(items, pieces)
    bare = [piece[:-_BLOCK] + piece[-_BLOCK:].rstrip(b"\0") for piece in pieces]
    kept = [piece + b"\0" * _KEPT[0] for piece in bare[:-1]] + pieces[-1:]
    if len(items) <= _SEARCHED and sum(item.size or 0 for item in items) <= _UNPACKED:
        for link in range(len(items) - 1):
            for zeros in _KEPT:
                kept[link] = bare[link] + bytes(zeros)
                if _holds(items[: link + 2], [*kept[: link + 1], pieces[link + 1]], library):
                    break
            else:
                kept[link] = bare[link] + bytes(_KEPT[0])
    return _joined(items, kept)


def _joined(items: Sequence[Item], pieces: Sequence[bytes]) -> bytes:
    by_start = {item.start: piece for item, piece in zip(items, pieces, strict=True)}
    shorter = [replace(item, packed=len(by_start[item.start])) for item in items]
    return b"".join(rebuild.rar4(shorter, lambda item: iter([by_start[item.start]])))


def _holds(items: Sequence[Item], pieces: Sequence[bytes], library: Library) -> bool:
    """Whether the last file comes out with its checksum."""
    crc = -1
    try:
        for chunks in library.files(items, _joined(items, pieces)):
            crc = 0
            for chunk in chunks:
                crc = zlib.crc32(chunk, crc)
    except HostileInput:
        return False
    return crc == items[-1].crc
