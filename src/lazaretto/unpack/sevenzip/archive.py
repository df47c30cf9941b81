"""One opened container: its items, and what 7-Zip says about it as a whole."""

from __future__ import annotations

import contextlib
import ctypes
import time
from collections.abc import Iterator, Sequence
from ctypes import c_int32, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Any

from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.unpack.sevenzip.com import ALLOW_TAIL, GET_STREAM, IN_STREAM, OPEN_CALLBACK, OUT_OF_MEMORY, S_OK, Foreign
from lazaretto.unpack.sevenzip.extraction import Extraction
from lazaretto.unpack.sevenzip.library import Library
from lazaretto.unpack.sevenzip.streams import Borrowed, Opening, Source

MOST = 100_000  # items; more is a bomb against whoever lists them
OPEN_SECONDS = 4.0  # for reading a container's tables

# Numbers of properties (CPP/7zip/PropID.h).
PATH, IS_FOLDER, SIZE, PACKED, ENCRYPTED, CRC, METHOD, BLOCK = 3, 6, 7, 8, 15, 19, 22, 27
SOLID, COMMENT, OFFSET, PHYSICAL, LINK, ALTERNATE, AUXILIARY = 13, 28, 36, 44, 54, 63, 64
ATTRIBUTES, MODE = 9, 53
ERROR, ERROR_FLAGS, WARNING_FLAGS, WARNING, TAIL, HARD_LINK = 55, 71, 72, 73, 90, 93

# kpv_ErrorFlags, in their order.
FLAGS = (
    "not an archive",
    "damaged headers",
    "damaged encrypted headers",
    "the beginning is missing",
    "the beginning is doubtful",
    "it ends early",
    "data after its end",
    "unsupported method",
    "unsupported feature",
    "damaged data",
    "wrong checksum",
)
AFTER_END, UNSUPPORTED = 1 << 6, 1 << 7 | 1 << 8


@dataclass(frozen=True, slots=True)
class Item:
    """What the container says about one of its items."""

    index: int
    path: str
    size: int | None
    packed: int | None
    folder: bool
    encrypted: bool
    crc: int | None
    method: str
    block: int | None  # items of one block are packed together
    link: str  # where it points, of a link
    alternate: bool  # a stream beside the content of a file
    auxiliary: bool  # made by 7-Zip or of the format's own, no file
    symbolic: bool  # its content is where it points


class Archive:
    """An open container.  Raises Malformed, Encrypted or LimitExceeded where it cannot be opened."""

    def __init__(
        self,
        library: Library,
        handler: str,
        content: Sequence[tuple[bytes, int, int]] | Borrowed,
        word: str | None = None,
    ) -> None:
        self._library, self.handler, self.word = library, handler, word
        archive = library.create(handler)
        if archive is None:
            raise LimitExceeded("tool", f"this 7-Zip has no handler for {handler}")
        self.native = archive
        self.source = content if isinstance(content, Borrowed) else Source(library, content)
        try:
            self._open()
        except BaseException:  # nobody else knows the objects of the library yet
            self.close()
            raise
        self._get = self.native.method(6, (c_uint32, c_uint32, c_void_p))
        self._get_own = self.native.method(8, (c_uint32, c_void_p))

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.native.address:
            self.native.call(4, ())
            self.native.release()
            self.source.retire()

    def own(self, number: int) -> Any:
        """A property of the container."""
        return self._library.property(self._get_own, self.native.address, number)

    def of(self, index: int, number: int) -> Any:
        """A property of an item."""
        return self._library.property(self._get, self.native.address, index, number)

    def items(self) -> Iterator[Item]:
        """At most MOST; ``count`` tells whether there are more."""
        for index in range(min(self.count, MOST)):
            yield self.item(index)

    @property
    def count(self) -> int:
        number = c_uint32()
        self.native.call(5, (c_void_p,), ctypes.addressof(number))
        return number.value

    def item(self, index: int) -> Item:
        def number(which: int) -> int | None:
            value = self.of(index, which)
            return value if isinstance(value, int) and value >= 0 else None

        def text(which: int) -> str:
            value = self.of(index, which)
            return value if isinstance(value, str) else ""

        return Item(
            index,
            text(PATH),
            number(SIZE),
            number(PACKED),
            bool(self.of(index, IS_FOLDER)),
            bool(self.of(index, ENCRYPTED)),
            number(CRC),
            text(METHOD),
            number(BLOCK),
            text(LINK) or text(HARD_LINK),
            bool(self.of(index, ALTERNATE)),
            bool(self.of(index, AUXILIARY)),
            _is_symbolic(number(ATTRIBUTES) or 0, number(MODE) or 0),
        )

    def flags(self) -> int:
        """Errors and warnings as bits of FLAGS."""
        return int(self.own(ERROR_FLAGS) or 0) | int(self.own(WARNING_FLAGS) or 0)

    def extract(self, indices: Sequence[int], word: str | None = None) -> Extraction:
        """Begins to extract these items; the extraction must be closed before the archive is."""
        self.source.expires = float("inf")
        return Extraction(self._library, self, sorted(indices), self.word if word is None else word)

    def stream(self, index: int) -> Borrowed | None:
        """An item that can be read at any place without being extracted."""
        giver = self.native.query(GET_STREAM)
        if giver is None:
            return None
        out = c_void_p()
        code = giver.call(3, (c_uint32, c_void_p), index, ctypes.addressof(out))
        giver.release()
        if code != S_OK or not out.value:
            return None
        sequential = Foreign(out.value, self.native.functions)
        seekable = sequential.query(IN_STREAM)
        sequential.release()
        return Borrowed(self.source, seekable) if seekable else None

    def _open(self) -> None:
        if tail := self.native.query(ALLOW_TAIL):
            tail.call(3, (c_int32,), 1)
            tail.release()
        self.source.expires = time.monotonic() + OPEN_SECONDS
        callback = Opening(self._library, self.word, self.source)
        start = c_uint64(0)  # the container begins where the bytes begin, nowhere else
        types = (c_void_p, c_void_p, c_void_p)
        pointers = self.source.pointer(IN_STREAM), ctypes.addressof(start), callback.pointer(OPEN_CALLBACK)
        try:
            code = self.native.call(3, types, *pointers)
        finally:
            callback.retire()
        if code == S_OK:
            return
        if code in OUT_OF_MEMORY:
            raise LimitExceeded("memory", f"{self.handler}: not enough memory to open it")
        if callback.asked:
            raise Encrypted(f"{self.handler}: the list of its members is encrypted")
        if self.source.stopped:
            raise LimitExceeded("artifact_seconds", f"{self.handler}: not opened within {OPEN_SECONDS:g} seconds")
        raise Malformed(f"{self.handler}: {self._why(code)}")

    def _why(self, code: int) -> str:
        said = []
        with contextlib.suppress(OSError):
            own = self.native.method(8, (c_uint32, c_void_p))
            flags = self._library.property(own, self.native.address, ERROR_FLAGS)
            said = named(flags) if isinstance(flags, int) else []
        return ", ".join(said) or ("cannot be opened" if code == 1 else f"error {code & 0xFFFFFFFF:#x}")


def _is_symbolic(attributes: int, mode: int) -> bool:
    """By the mode that Unix has, which 7z puts into the upper half of Windows' attributes and says so in bit 15."""
    return (mode or (attributes >> 16 if attributes & 0x8000 else 0)) & 0xF000 == 0xA000


def named(flags: int) -> list[str]:
    return [name for bit, name in enumerate(FLAGS) if flags >> bit & 1]
