from __future__ import annotations

import bz2
import lzma
import os
import zlib

import pytest

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack import inflate


def raw(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


@pytest.mark.parametrize(
    ("make", "pack"), [(inflate.Deflate, raw), (inflate.bzip2, bz2.compress), (inflate.xz, lzma.compress)]
)
def test_streams_give_small_chunks_and_know_where_they_end(make: object, pack: object) -> None:
    content = os.urandom(300_000) + bytes(3_000_000) + os.urandom(7)
    packed = pack(content)  # type: ignore[operator]
    stream = inflate.Stream(make, b"before" + packed + b"behind", 6)  # type: ignore[arg-type]
    chunks = list(stream.chunks())
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= inflate.CHUNK
    assert (stream.stop, stream.complete) == (6 + len(packed), True)


def test_nothing_is_unpacked_ahead_of_the_reader() -> None:
    stream = inflate.Stream(inflate.Deflate, raw(bytes(100_000_000)))
    chunks = stream.chunks()
    assert len(next(chunks)) <= inflate.CHUNK
    assert stream.stop <= 64 * 1024


def test_end_of_range_is_respected() -> None:
    packed = raw(b"x" * 1000)
    stream = inflate.Stream(inflate.Deflate, packed, 0, len(packed) - 1)
    list(stream.chunks())
    assert not stream.complete


@pytest.mark.parametrize("make", [inflate.Deflate, inflate.bzip2, inflate.xz])
def test_garbage_is_malformed(make: object) -> None:
    with pytest.raises(Malformed):
        list(inflate.Stream(make, b"\xff\xfe garbage \x00" * 20).chunks())  # type: ignore[arg-type]


def test_lzma_properties() -> None:
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 65536, "lc": 3, "lp": 0, "pb": 2}]
    packed = lzma.compress(b"content" * 100, lzma.FORMAT_RAW, filters=chain)
    properties = bytes([(2 * 5 + 0) * 9 + 3]) + (65536).to_bytes(4, "little")
    stream = inflate.Stream(lambda: inflate.lzma_raw(properties), packed)
    assert b"".join(stream.chunks()) == b"content" * 100
    with pytest.raises(Malformed):
        inflate.lzma_raw(b"\xff" * 5)
    with pytest.raises(Malformed):
        inflate.lzma_raw(b"")
    with pytest.raises(LimitExceeded):
        inflate.lzma_raw(b"\x5d\xff\xff\xff\xff")


def test_xz_that_wants_gigabytes_is_a_limit() -> None:
    packed = bytearray(lzma.compress(b"x" * 100, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]))
    packed[16] = 40  # the dictionary's size in the block header: 4 GiB - 1
    packed[20:24] = zlib.crc32(bytes(packed[12:20])).to_bytes(4, "little")
    with pytest.raises(LimitExceeded):
        list(inflate.Stream(inflate.xz, bytes(packed)).chunks())


def test_stem() -> None:
    assert inflate.stem(["a.txt.gz", "other"]) == ("a.txt",)
    assert inflate.stem(["a.TGZ"]) == ("a.tar",)
    assert inflate.stem(["noext"]) == ("noext.unpacked",)
    assert inflate.stem([".gz"]) == (".gz.unpacked",)
    assert inflate.stem([]) == ()


def test_streams_are_joined_and_what_follows_is_kept() -> None:
    data = bz2.compress(b"one ") + bz2.compress(b"two") + b"more"
    streams = inflate.Streams(inflate.bzip2, data, b"BZh", "bzip2")
    assert b"".join(streams.chunks()) == b"one two"
    assert streams.trailing == b"more"
