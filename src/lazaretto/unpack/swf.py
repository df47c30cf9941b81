"""Flash movies (SWF File Format Specification 19): unpacked, and the files that they carry for their scripts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import SWF

_HEAD = 8  # mark, version, length of all when it is unpacked
_LZMA_HEAD = 17  # and the packed length, and LZMA's properties
_BINARY, _END, _LONG = 87, 0, 0x3F
_JPEGS = {6: 2, 21: 2, 35: 6, 90: 8}  # tags of pictures in files, and where these begin
_TAGS = 200_000


class Swf(Unpacker):
    """A packed movie gives one that is not, and that gives its binary data and what stands behind it."""

    name: ClassVar[str] = "swf"
    types: ClassVar[frozenset[str]] = frozenset({SWF})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        if data.startswith(b"FWS"):
            yield from _movie(data)
            return
        lzma = data.startswith(b"ZWS")
        start = _LZMA_HEAD if lzma else _HEAD
        if len(data) < start:
            raise Malformed("a movie that is cut off in its header")
        decoder = inflate.lzma_raw(data[12:17]) if lzma else inflate.Deflate(zlib.MAX_WBITS)
        stream = inflate.Stream(lambda: decoder, data, start)
        head = b"FWS" + data[3:_HEAD]
        yield Member(("movie.swf",), chain([head], stream.chunks()), size=int.from_bytes(data[4:8], "little"))
        if stream.complete and data[stream.stop :].strip(b"\0"):
            yield Member(("trailing-data",), [data[stream.stop :]])


def _movie(data: bytes) -> Iterator[Member]:
    if len(data) <= _HEAD:
        return
    # A rectangle of four numbers whose width in bits stands in front of them; rate and count of frames.
    at = _HEAD + (5 + 4 * (data[_HEAD] >> 3) + 7) // 8 + 4
    for _ in range(_TAGS):
        if at + 2 > len(data):
            return
        head = int.from_bytes(data[at : at + 2], "little")
        kind, size, at = head >> 6, head & _LONG, at + 2
        if size == _LONG:
            size, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        body = data[at : at + size] if kind == _BINARY or kind in _JPEGS else b""
        at += size
        if kind == _BINARY and len(body) > 6:
            yield Member((f"binary-{int.from_bytes(body[:2], 'little')}.bin",), [body[6:]])
        elif kind in _JPEGS and len(body) > _JPEGS[kind]:
            yield Member((f"picture-{int.from_bytes(body[:2], 'little')}.jpg",), [body[_JPEGS[kind] :]])
        elif kind == _END:
            break
    if rest := data[at:].lstrip(b"\0"):
        yield Member(("trailing-data",), [rest])
