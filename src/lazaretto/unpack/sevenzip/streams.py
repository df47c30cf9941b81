"""What 7-Zip reads from and reports to: the container's bytes, and the callbacks of opening and extracting.

Nothing is copied but what 7-Zip asks for, once, into its own buffer.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator, Sequence
from ctypes import c_int64, c_uint32, c_uint64, c_void_p
from typing import ClassVar

from lazaretto.unpack.sevenzip.com import (
    E_ABORT,
    EXTRACT_CALLBACK,
    EXTRACT_MESSAGE,
    GET_PASSWORD,
    IN_STREAM,
    OPEN_CALLBACK,
    S_OK,
    SEQUENTIAL_OUT,
    Exposed,
    Foreign,
)
from lazaretto.unpack.sevenzip.library import Library

_CHUNK = 1 << 20  # bytes that are handed on at once
_NEGATIVE_SEEK = 0x80070083 - 2**32
_EXTRACT, _TEST, _SKIP = range(3)  # NAskMode


class Source(Exposed):
    """IInStream over several pieces of bytes, as if they were one file.  ``expires`` is when reading ends, on the
    clock of time.monotonic: opening a container may take many reads, and only here it can be stopped."""

    interfaces: ClassVar = (IN_STREAM,)

    def __init__(self, library: Library, pieces: Sequence[tuple[bytes, int, int]]) -> None:
        """``pieces``: bytes, start and end of what counts of them."""
        super().__init__(library.tables)
        self._held = pieces  # the addresses below point into these
        self._pieces = [
            (ctypes.cast(ctypes.c_char_p(data), c_void_p).value or 0, start, end) for data, start, end in pieces
        ]
        self.size = sum(end - start for _, start, end in pieces)
        self.position = 0
        self.expires = float("inf")
        self.stopped = False

    def read(self, into: int, wanted: int, done: int | None) -> int:
        if self.stopped or time.monotonic() > self.expires:
            self.stopped = True
            return E_ABORT
        count, at = 0, self.position
        for address, start, end in self._pieces:
            length = end - start
            if at < length:
                count = min(wanted, length - at)
                ctypes.memmove(into, address + start + at, count)
                break
            at -= length
        self.position += count
        if done:
            c_uint32.from_address(done).value = count
        return S_OK

    def chunks(self, start: int) -> Iterator[bytes]:
        """The bytes from ``start`` on."""
        for data, begin, end in self._held:
            for at in range(begin + start, end, _CHUNK):
                yield data[at : min(at + _CHUNK, end)]
            start = max(0, start - (end - begin))

    def has_content(self, start: int) -> bool:
        """Whether other bytes than zeros stand there."""
        return any(chunk.count(0) != len(chunk) for chunk in self.chunks(start))

    def seek(self, offset: int, origin: int, new: int | None) -> int:
        position = offset + (0, self.position, self.size)[origin if origin <= 2 else 0]
        if position < 0:
            return _NEGATIVE_SEEK
        self.position = position
        if new:
            c_uint64.from_address(new).value = position
        return S_OK


class Borrowed:
    """A stream of 7-Zip's own over ``base``: an image within an image, of which only what is asked for is ever made."""

    def __init__(self, base: Source | Borrowed, native: Foreign) -> None:
        self._base, self._native = base, native
        self.size = 0  # nothing is known to stand behind what is read

    @property
    def expires(self) -> float:
        return self._base.expires

    @expires.setter
    def expires(self, when: float) -> None:
        self._base.expires = when

    @property
    def stopped(self) -> bool:
        return self._base.stopped

    @stopped.setter
    def stopped(self, stopped: bool) -> None:
        self._base.stopped = stopped

    def pointer(self, wanted: bytes) -> int | None:
        return self._native.address

    def head(self, wanted: int) -> bytes:
        """The first bytes; the stream is at its beginning afterwards."""
        into, done, found = ctypes.create_string_buffer(wanted), c_uint32(), 0
        types = (c_void_p, c_uint32, c_void_p)
        while found < wanted:
            at = ctypes.addressof(into) + found
            if self._native.call(3, types, at, wanted - found, ctypes.addressof(done)) != S_OK or not done.value:
                break
            found += done.value
        self._native.call(4, (c_int64, c_uint32, c_void_p), 0, 0, None)
        return into.raw[:found]

    def has_content(self, start: int) -> bool:
        return False

    def chunks(self, start: int) -> Iterator[bytes]:
        return iter(())

    def retire(self) -> None:
        self._native.release()


class _Locked(Exposed):
    """Answers with a word, if there is one, and remembers that it was asked."""

    def __init__(self, library: Library, word: str | None) -> None:
        super().__init__(library.tables)
        self._library, self._word = library, word
        self.asked = False

    def password(self, out: int) -> int:
        self.asked = True
        if self._word is None:
            c_void_p.from_address(out).value = None
            return E_ABORT
        c_void_p.from_address(out).value = self._library.string(self._word)
        return S_OK


class Opening(_Locked):
    interfaces: ClassVar = (OPEN_CALLBACK, GET_PASSWORD)

    def __init__(self, library: Library, word: str | None, source: Source | Borrowed) -> None:
        super().__init__(library, word)
        self._source = source

    def opening(self, files: int | None, octets: int | None) -> int:
        return E_ABORT if self._source.stopped or time.monotonic() > self._source.expires else S_OK


class Sink(Exposed):
    """ISequentialOutStream of whatever item is extracted just now."""

    interfaces: ClassVar = (SEQUENTIAL_OUT,)

    def __init__(self, library: Library, take: Callable[[int, int], bool]) -> None:
        super().__init__(library.tables)
        self._take = take

    def write(self, data: int, size: int, done: int | None) -> int:
        taken = self._take(data, size)
        if done:
            c_uint32.from_address(done).value = size if taken else 0
        return S_OK if taken else E_ABORT


class Extracting(_Locked):
    """IArchiveExtractCallback.  Hands on (index, bytes, result or None for "more comes"); ``hand`` and ``skip`` say
    False and True for "stop" and "nobody wants this item"."""

    interfaces: ClassVar = (EXTRACT_CALLBACK, EXTRACT_MESSAGE, GET_PASSWORD)

    def __init__(
        self,
        library: Library,
        word: str | None,
        hand: Callable[[int, bytes, int | None], bool],
        skip: Callable[[int, int], bool | None],
    ) -> None:
        super().__init__(library, word)
        self._hand, self._skip = hand, skip
        self._sink = Sink(library, self._take)
        self._index = -1
        self._waiting = bytearray()
        self.stopped = False
        self.complaints: set[int] = set()  # results that concern no item: of a block whose items seemed sound

    def retire(self) -> None:
        self._sink.retire()
        super().retire()

    def total(self, total: int) -> int:
        return E_ABORT if self.stopped else S_OK

    def completed(self, value: int | None) -> int:
        return E_ABORT if self.stopped else S_OK

    def get_stream(self, index: int, out: int, mode: int) -> int:
        c_void_p.from_address(out).value = None
        if self.stopped:
            return E_ABORT
        self._waiting.clear()
        self._index = index if mode != _SKIP else -1  # _TEST: what cannot be decoded
        if mode == _EXTRACT:
            self._sink.references += 1
            c_void_p.from_address(out).value = self._sink.pointer(SEQUENTIAL_OUT)
        return S_OK

    def prepare(self, mode: int) -> int:
        return E_ABORT if self.stopped else S_OK

    def result(self, code: int) -> int:
        if self._index >= 0:
            content, self._waiting = bytes(self._waiting), bytearray()
            index, self._index = self._index, -1
            self.stopped = self.stopped or not self._hand(index, content, code)
        return E_ABORT if self.stopped else S_OK

    def report(self, kind: int, index: int, code: int) -> int:
        self.complaints.add(code)
        return S_OK

    def _take(self, address: int, size: int) -> bool:
        """Small writes are joined, large ones split."""
        if self.stopped or self._index < 0:
            return False
        skip = self._skip(self._index, size)
        if skip is None:  # too much that nobody wants
            self.stopped = True
        while size and not skip and not self.stopped:
            count = min(size, _CHUNK - len(self._waiting))
            self._waiting += ctypes.string_at(address, count)
            address, size = address + count, size - count
            if len(self._waiting) >= _CHUNK:
                content, self._waiting = bytes(self._waiting), bytearray()
                self.stopped = not self._hand(self._index, content, None)
        return not self.stopped
