from __future__ import annotations

import zlib

import pytest

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.sevenzip import zipped
from lazaretto.unpack.sevenzip.library import Library
from lazaretto.unpack.sevenzip.zipwords import Lock
from lazaretto.unpack.zipindex import Entry


def entry(packed: bytes, content: bytes | None, method: int = 8, flags: int = 0) -> Entry:
    size, crc = (None, None) if content is None else (len(content), zlib.crc32(content))
    return Entry(0, 3, len(packed), size, crc, method, flags, (b"name",), b"")


def test_only_the_bytes_of_the_member_are_read(library: Library) -> None:
    content = b"hello " * 99
    packed = zlib.compress(content, wbits=-15)
    assert b"".join(zipped.chunks(library, b"xxx" + packed + b"behind", entry(packed, content))) == content


def test_without_size_and_checksum_it_is_read_to_its_end(library: Library) -> None:
    packed = zlib.compress(b"hello " * 99, wbits=-15)
    for flags in (0, 8):
        assert b"".join(zipped.chunks(library, b"xxx" + packed, entry(packed, None, flags=flags))) == b"hello " * 99


def test_what_7_zip_does_not_know(library: Library) -> None:
    with pytest.raises(LimitExceeded):
        list(zipped.chunks(library, b"xxxabc", entry(b"abc", b"abc", method=97)))


def test_a_word_must_fit(library: Library) -> None:
    data, before = b"xxx" + bytes(20), len(library.tables.objects)
    locked = entry(bytes(20), b"12345678", 0, 1)
    assert not zipped.opens(library, data, locked, Lock(data, locked), "word")
    assert len(library.tables.objects) == before
