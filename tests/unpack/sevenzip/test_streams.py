from __future__ import annotations

import ctypes
import time

from lazaretto.unpack.sevenzip.com import E_ABORT, S_OK
from lazaretto.unpack.sevenzip.library import Library
from lazaretto.unpack.sevenzip.streams import Source


def read(source: Source, wanted: int) -> bytes:
    into, done = ctypes.create_string_buffer(wanted), ctypes.c_uint32()
    assert source.read(ctypes.addressof(into), wanted, ctypes.addressof(done)) == S_OK
    return into.raw[: done.value]


def test_pieces_are_one_stream(library: Library) -> None:
    source = Source(library, [(b"xabcx", 1, 4), (b"", 0, 0), (b"defg", 0, 3)])
    assert source.size == 6
    assert [read(source, 4), read(source, 4), read(source, 4)] == [b"abc", b"def", b""]
    new = ctypes.c_uint64()
    assert source.seek(-4, 2, ctypes.addressof(new)) == S_OK
    assert new.value == 2
    assert read(source, 1) == b"c"
    assert source.seek(-9, 1, None) < 0
    assert source.seek(100, 0, None) == S_OK
    assert read(source, 5) == b""
    assert b"".join(source.chunks(2)) == b"cdef"
    source.retire()


def test_whether_there_is_anything(library: Library) -> None:
    source = Source(library, [(b"a\0\0", 0, 3), (b"\0\0b", 0, 3)])
    assert source.has_content(1)
    assert not source.has_content(6)
    assert not Source(library, [(b"ab\0\0", 0, 4)]).has_content(2)


def test_reading_ends_when_the_time_is_up(library: Library) -> None:
    source = Source(library, [(b"abc", 0, 3)])
    source.expires = time.monotonic() - 1
    assert source.read(0, 1, None) == E_ABORT
    assert source.stopped
