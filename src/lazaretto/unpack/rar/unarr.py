"""unarr by ctypes: decompresses what libarchive cannot, chains of files ("solid") of RAR 3 and 4 and RAR 2's method."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator, Sequence
from ctypes import c_bool, c_char_p, c_int64, c_size_t, c_void_p

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack.rar.blocks import Item
from lazaretto.unpack.rar.rebuild import UNKNOWN

SONAME, PACKAGE = "libunarr.so.1", "libunarr1"
_OUTPUT = 128 * 1024
_SMALL = 1024  # bytes at a time near the end of damaged data: unarr says only that a whole piece failed


class Library:
    """The loaded library."""

    def __init__(self, handle: ctypes.CDLL) -> None:
        self._handle = handle
        for name, result, arguments in (
            ("ar_open_memory", c_void_p, (c_char_p, c_size_t)),
            ("ar_close", None, (c_void_p,)),
            ("ar_open_rar_archive", c_void_p, (c_void_p,)),
            ("ar_close_archive", None, (c_void_p,)),
            ("ar_parse_entry", c_bool, (c_void_p,)),
            ("ar_entry_get_size", c_size_t, (c_void_p,)),
            ("ar_entry_get_offset", c_int64, (c_void_p,)),
            ("ar_entry_uncompress", c_bool, (c_void_p, c_void_p, c_size_t)),
        ):
            function = getattr(handle, name)
            function.restype, function.argtypes = result, arguments
        libc = ctypes.CDLL(None)
        libc.fopen.restype, libc.fopen.argtypes = c_void_p, (c_char_p, c_char_p)
        self._stderr = c_void_p.in_dll(libc, "stderr")
        self._nothing: int | None = libc.fopen(b"/dev/null", b"w")

    @contextlib.contextmanager
    def _quiet(self) -> Iterator[None]:
        """unarr writes a line to stderr for everything that it does not like, and no line is worth a log: C's stderr is
        another file meanwhile."""
        if not self._nothing:
            yield
            return
        was, self._stderr.value = self._stderr.value, self._nothing
        try:
            yield
        finally:
            self._stderr.value = was

    def files(self, items: Sequence[Item], archive: bytes, slowly_from: int | None = None) -> Iterator[Iterator[bytes]]:
        """The chunks of each of these files out of an archive made of them (see ``rebuild``); behind ``slowly_from``
        byte by byte, for unarr does not say how much it got where it fails."""
        opened = _Opened(self._handle, archive)
        for item in items:
            with self._quiet():
                found = self._handle.ar_parse_entry(opened.pointer)
            if not found:
                raise Malformed("unarr: damaged")
            yield self._data(opened, UNKNOWN if item.size is None else item.size, slowly_from)

    def _data(self, opened: _Opened, left: int, slowly_from: int | None) -> Iterator[bytes]:
        buffer, done = ctypes.create_string_buffer(_OUTPUT), 0
        while left:
            slow = slowly_from is not None and done >= slowly_from
            wanted = min(left, _OUTPUT)
            if slowly_from is not None and not slow:
                wanted = min(wanted, slowly_from - done)
            with self._quiet():
                got = self._fill(opened.pointer, buffer, wanted, 1 if slow else _SMALL)
                if got < wanted == left and left - got <= _SMALL and not slow:
                    got = left  # it may have failed for the checksum alone, which is compared by whoever asked
            left, done = left - got, done + got
            if got:
                yield buffer.raw[:got]
            if got < wanted:
                raise Malformed("unarr: damaged compressed data")

    def _fill(self, opened: int, buffer: ctypes.Array[ctypes.c_char], wanted: int, most: int) -> int:
        got = 0
        while got < wanted:
            step = min(most, wanted - got)
            if not self._handle.ar_entry_uncompress(opened, ctypes.byref(buffer, got), step):
                break
            got += step
        return got


class _Opened:
    """Closed when nobody reads any more, neither the archive nor a file of it."""

    def __init__(self, handle: ctypes.CDLL, archive: bytes) -> None:
        self._handle, self._archive = handle, archive  # unarr reads from it
        self._stream = handle.ar_open_memory(archive, len(archive))
        self.pointer: int = (handle.ar_open_rar_archive(self._stream) or 0) if self._stream else 0
        if not self.pointer:
            raise LimitExceeded("memory", "unarr gets no memory")

    def __del__(self) -> None:
        if self.pointer:
            self._handle.ar_close_archive(self.pointer)
        if self._stream:
            self._handle.ar_close(self._stream)


def load() -> Library | None:
    """None where it is not installed.  Reads files: only before the sandbox closes."""
    try:
        return Library(ctypes.CDLL(SONAME))
    except (OSError, AttributeError):  # not there, or without what we need
        return None
