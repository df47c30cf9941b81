"""Streaming decompression with one shape for zlib, bz2 and lzma.

Nothing is ever decompressed further than the next chunk: whoever reads the chunks decides when it is enough.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence

from lazaretto.errors import LimitExceeded, Malformed

CHUNK = 256 * 1024  # bytes of output at most
_FEED = 64 * 1024  # bytes of input at a time
MEMORY = 128 * 2**20  # bytes an LZMA dictionary may take; xz -9 writes 64 MiB

ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)  # bz2 raises OSError and ValueError


class Stream:
    """One compressed stream in ``data[start:end]``.  After ``chunks()`` has ended, ``stop`` is the offset behind
    the stream and ``complete`` whether its end was there."""

    def __init__(self, make: Callable[[], Decoder], data: bytes, start: int = 0, end: int | None = None) -> None:
        self.stop = start
        self.complete = False
        self._decoder = make()
        self._data = data
        self._end = len(data) if end is None else min(end, len(data))

    def chunks(self) -> Iterator[bytes]:
        """Raises Malformed where the stream is damaged; what came before has been given out."""
        decoder = self._decoder
        try:
            while not decoder.eof:
                feed = b""
                if decoder.hungry:
                    feed = self._data[self.stop : min(self.stop + _FEED, self._end)]
                    self.stop += len(feed)
                    if not feed:
                        return
                if chunk := decoder.decode(feed):
                    yield chunk
        except ERRORS as error:
            if "limit" in str(error).lower():
                raise LimitExceeded("memory", f"a dictionary of more than {MEMORY} bytes") from None
            raise Malformed(f"damaged compressed data before offset {self.stop}: {error}") from None
        self.stop -= len(decoder.unused)
        self.complete = True


class Streams:
    """Streams of one kind, one behind the other, joined as the format's own tool joins them.  ``trailing`` is what
    stands behind the last, known after ``chunks()`` has ended."""

    def __init__(self, make: Callable[[], Decoder], data: bytes, magic: bytes, kind: str) -> None:
        self.trailing = b""
        self._make, self._data, self._magic, self._kind = make, data, magic, kind

    def chunks(self) -> Iterator[bytes]:
        data, at = self._data, 0
        while True:
            stream = Stream(self._make, data, at)
            yield from stream.chunks()
            if not stream.complete:
                raise Malformed(f"{self._kind} data ends early, in the stream at offset {at}")
            at = stream.stop + padding(data, stream.stop)
            if not data.startswith(self._magic, at):
                break
        self.trailing = data[stream.stop :] if data[stream.stop :].strip(b"\0") else b""


def padding(data: bytes, at: int) -> int:
    """How many zeros stand here between two streams, as tapes and xz have them (one block is looked at)."""
    rest = data[at : at + 512]
    return len(rest) - len(rest.lstrip(b"\0"))


def stem(names: Sequence[str]) -> tuple[str, ...]:
    """The name of what is inside: "a.txt.gz" -> "a.txt", "a.tgz" -> "a.tar"; none for no name."""
    for name in names[:1]:
        base, dot, suffix = name.rpartition(".")
        if not dot or not base:
            return (name + ".unpacked",)
        return (base + ".tar",) if suffix.lower() in ("tgz", "tbz", "tbz2", "txz", "taz", "tlz") else (base,)
    return ()


class Decoder:
    """What the three libraries have in common."""

    eof: bool = False
    hungry: bool = True  # wants more input before it can give more output
    unused: bytes = b""  # input behind the end

    def decode(self, data: bytes) -> bytes:
        raise NotImplementedError


class Deflate(Decoder):
    """RFC 1951; ``window`` as in zlib: -15 raw, 15 zlib."""

    def __init__(self, window: int = -15) -> None:
        self._object = zlib.decompressobj(window)
        self._tail = b""

    def decode(self, data: bytes) -> bytes:
        chunk = self._object.decompress(self._tail + data if self._tail else data, CHUNK)
        self._tail = self._object.unconsumed_tail
        self.eof, self.unused = self._object.eof, self._object.unused_data
        self.hungry = not self._tail and len(chunk) < CHUNK  # zlib may hold more output back
        return chunk


class _Buffered(Decoder):
    """bz2 and lzma keep their own input."""

    def __init__(self, decompressor: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._object = decompressor

    def decode(self, data: bytes) -> bytes:
        chunk = self._object.decompress(data, CHUNK)
        self.eof, self.hungry = self._object.eof, self._object.needs_input
        if self.eof:
            self.unused = self._object.unused_data
        return chunk


def bzip2() -> Decoder:
    return _Buffered(bz2.BZ2Decompressor())


def xz() -> Decoder:
    return _Buffered(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY))


def lzma_alone() -> Decoder:
    return _Buffered(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY))


def lzma_raw(properties: bytes) -> Decoder:
    """``properties``: five bytes, as in a .lzma file and in zip (APPNOTE 5.8.8).  Raises Malformed, LimitExceeded."""
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise Malformed("wrong LZMA properties")
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    size = int.from_bytes(properties[1:], "little")
    if size > MEMORY:
        raise LimitExceeded("memory", f"an LZMA dictionary of {size} bytes")
    try:
        chain = [{"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": lc, "lp": lp, "pb": pb}]
        return _Buffered(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain))
    except (lzma.LZMAError, ValueError) as error:
        raise Malformed(f"wrong LZMA properties: {error}") from None
