"""libarchive by ctypes: one archive in, the data of its files out, both chunk by chunk.

What is wrapped is small on purpose: one format at a time (whoever asks knows what it is), no names, no files.
Loaded before the sandbox closes (see ``load``); the callbacks that give it the archive allocate nothing in it.
"""

from __future__ import annotations

import ctypes
import errno
from collections.abc import Callable, Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_void_p

from lazaretto.errors import HostileInput, LimitExceeded, Malformed

SONAME, PACKAGE = "libarchive.so.13", "libarchive13"
_PIECE = 1 << 20  # bytes of one chunk
_EMPTY = 1000  # blocks without data, one after the other
_OK, _EOF, _WARN, _FATAL = 0, 1, -20, -30  # archive.h

_READ = ctypes.CFUNCTYPE(c_ssize_t, c_void_p, c_void_p, POINTER(c_void_p))


class Library:
    """The loaded library."""

    def __init__(self, handle: ctypes.CDLL) -> None:
        self._handle = handle
        for name, result, arguments in (
            ("archive_read_new", c_void_p, ()),
            ("archive_read_free", c_int, (c_void_p,)),
            ("archive_read_open", c_int, (c_void_p, c_void_p, c_void_p, _READ, c_void_p)),
            ("archive_read_next_header", c_int, (c_void_p, POINTER(c_void_p))),
            ("archive_read_data_block", c_int, (c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(c_int64))),
            ("archive_errno", c_int, (c_void_p,)),
            ("archive_error_string", c_char_p, (c_void_p,)),
            ("archive_version_string", c_char_p, ()),
        ):
            function = getattr(handle, name)
            function.restype, function.argtypes = result, arguments

    @property
    def version(self) -> str:
        text: bytes = self._handle.archive_version_string()
        return text.decode("ascii", "replace")

    def files(self, form: str, feed: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
        """The chunks of each file of the archive that ``feed`` gives in pieces; each must be read to its end before
        the next is asked for.  ``form`` is libarchive's own name of the format ("rar", "rar5").  Raises Malformed, and
        LimitExceeded when there is not enough memory."""
        return self._files("", form, feed)

    def _files(self, compression: str, form: str, feed: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
        opened = _Opened(self._handle, feed)
        archive = opened.pointer
        if compression:
            getattr(self._handle, compression)(c_void_p(archive))
            self._handle.archive_read_support_format_empty(c_void_p(archive))
        getattr(self._handle, f"archive_read_support_format_{form}")(c_void_p(archive))
        if self._handle.archive_read_open(archive, None, None, opened.callback, None) < _WARN:
            raise self._trouble(opened)
        entry = c_void_p()
        while (state := self._handle.archive_read_next_header(archive, byref(entry))) != _EOF:
            if state < _WARN:
                raise self._trouble(opened)
            yield self._data(opened)

    def stream(self, compression: str, feed: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
        """The same for something compressed that is no archive ("lz4")."""
        return self._files(f"archive_read_support_filter_{compression}", "raw", feed)

    def _data(self, opened: _Opened) -> Iterator[bytes]:
        """Block by block: archive_read_data would keep what it has when the next block is damaged."""
        where, size, offset = c_void_p(), c_size_t(), c_int64()
        block = (opened.pointer, byref(where), byref(size), byref(offset))
        done, empty = 0, 0
        while (state := self._handle.archive_read_data_block(*block)) != _EOF:
            if state < _WARN:
                raise self._trouble(opened)
            empty = 0 if size.value else empty + 1
            if empty > _EMPTY:
                raise Malformed("libarchive: no data, and no end of it")
            while done < offset.value:  # a hole
                done += len(hole := bytes(min(_PIECE, offset.value - done)))
                yield hole
            for at in range(0, size.value, _PIECE):
                yield ctypes.string_at((where.value or 0) + at, min(_PIECE, size.value - at))
            done = max(done, offset.value + size.value)

    def _trouble(self, opened: _Opened) -> HostileInput:
        if opened.trouble is not None:
            return opened.trouble
        archive = opened.pointer
        said: bytes = self._handle.archive_error_string(archive) or b"damaged"
        text = said.decode("utf-8", "replace")
        if self._handle.archive_errno(archive) == errno.ENOMEM:
            return LimitExceeded("memory", f"libarchive: {text}")
        return Malformed(f"libarchive: {text}")


def load() -> Library | None:
    """None where it is not installed.  Reads files: only before the sandbox closes."""
    try:
        return Library(ctypes.CDLL(SONAME))
    except (OSError, AttributeError):  # not there, or without what we need
        return None


class _Opened:
    """One archive that is being read, freed when nobody reads any more, neither it nor a file of it.  An exception must
    not leave the callback: it is kept in ``trouble``."""

    def __init__(self, handle: ctypes.CDLL, feed: Iterator[bytes]) -> None:
        self.trouble: HostileInput | None = None
        self._handle = handle
        self.pointer: int = handle.archive_read_new() or 0
        if not self.pointer:
            raise LimitExceeded("memory", "libarchive gets no memory")
        self._feed = feed
        self._piece = b""  # libarchive reads from it until it asks for the next
        self.callback: Callable[..., int] = _READ(self._read)

    def __del__(self) -> None:
        if self.pointer:
            self._handle.archive_read_free(self.pointer)

    def _read(self, _archive: int, _data: int, where: ctypes._Pointer[c_void_p]) -> int:
        try:
            self._piece = next((piece for piece in self._feed if piece), b"")
        except HostileInput as error:
            self.trouble = error
            return _FATAL
        except Exception as error:  # noqa: BLE001 it would be printed and lost
            self.trouble = Malformed(f"{type(error).__name__}: {error}")
            return _FATAL
        where[0] = ctypes.cast(c_char_p(self._piece), c_void_p)
        return len(self._piece)
