"""lzip (lzip manual, "File format"): every member, joined as lzip joins them, and what stands behind the last."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import LZIP

_HEADER = 6
_TRAILER = (12, 20)  # checksum and size; since version 1 the size of the member as well
_PROPERTIES = b"\x5d"  # lc 3, lp 0, pb 2: always


class Lzip(Unpacker):
    """Every member, and what stands behind the last."""

    name: ClassVar[str] = "lzip"
    types: ClassVar[frozenset[str]] = frozenset({LZIP})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        walk = _Walk(artifact.data)
        yield Member(inflate.stem(artifact.names), walk.chunks())
        if artifact.data[walk.stop :].strip(b"\0"):
            yield Member(("trailing-data",), [artifact.data[walk.stop :]])
        if walk.damage:
            yield Finding("unpack", "lzip.checksum", Kind.AMBIGUOUS, Severity.LOW, evidence=(walk.damage,))


class _Walk:
    """Reads member after member while its chunks are read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.stop = len(data)
        self.damage = ""

    def chunks(self) -> Iterator[bytes]:
        data, at = self._data, 0
        if len(data) <= _HEADER:
            raise Malformed("lzip header cut off")
        while data.startswith((b"LZIP\x00", b"LZIP\x01"), at) and len(data) > at + _HEADER:
            version, window = data[at + 4], _window(data[at + 5])
            properties = _PROPERTIES + window.to_bytes(4, "little")
            stream = inflate.Stream(partial(inflate.lzma_raw, properties), data, at + _HEADER)
            checksum, size = 0, 0
            for chunk in stream.chunks():
                checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
                yield chunk
            if not stream.complete:
                raise Malformed(f"lzip data ends early, in the member at offset {at}")
            trailer = data[stream.stop : stream.stop + _TRAILER[version]]
            if len(trailer) < _TRAILER[version]:
                self.damage = self.damage or f"the trailer of the member at offset {at} is cut off"
            elif trailer[:12] != checksum.to_bytes(4, "little") + size.to_bytes(8, "little"):
                self.damage = self.damage or f"wrong checksum or size of the member at offset {at}"
            self.stop = at = min(stream.stop + _TRAILER[version], len(data))


def _window(coded: int) -> int:
    """Five bits of a power of 2, three bits of how many sixteenths to take off."""
    size = 1 << (coded & 0x1F)
    return size - size // 16 * (coded >> 5)
