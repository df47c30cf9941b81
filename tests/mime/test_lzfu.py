from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make

from lazaretto.errors import Malformed
from lazaretto.mime import lzfu


def rtf(data: bytes) -> bytes:
    return b"".join(lzfu.decompress(data))


def test_the_examples_of_the_specification() -> None:
    simple = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    assert rtf(bytes.fromhex(simple)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    across = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    assert rtf(bytes.fromhex(across)) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_plain() -> None:
    assert rtf(b"\x11\0\0\0\x05\0\0\0MELA\0\0\0\0{\\rt}") == b"{\\rt}"


def test_across_the_window_and_the_batches() -> None:
    piece = bytes(range(256)) * 20
    tokens = [piece, *[(4095, 17)] * 20_000]
    expected = bytearray(piece)
    for _ in range(20_000):
        expected += expected[-4095:][:17]
    assert rtf(make.lzfu(tokens, len(expected))) == bytes(expected)


@pytest.mark.parametrize("data", [b"", b"LZFu", bytes(16), b"\0" * 8 + b"LZFX" + bytes(9)])
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(Malformed):
        rtf(data)


def test_cut_off_is_said_and_the_beginning_kept() -> None:
    whole = make.lzfu([b"{\\rtf1 hello world}"], 19)
    for cut in range(len(whole) - 3):
        with pytest.raises(Malformed):
            rtf(whole[:cut])
    chunks = lzfu.decompress(whole[:-8])
    got = next(chunks)
    with pytest.raises(Malformed):
        next(chunks)
    assert got.startswith(b"{\\rtf1 hel")


def test_it_never_gives_more_than_its_kind_can() -> None:
    start = time.monotonic()
    chunks = lzfu.decompress(make.lzfu([b"a", *[(1, 17)] * 400_000], 2**32 - 1, end=False))
    size = 0
    while size < 400_000 * 17 + 1:
        chunk = next(chunks)
        assert len(chunk) < 100_000
        size += len(chunk)
    with pytest.raises(Malformed):
        next(chunks)
    assert size == 400_000 * 17 + 1
    assert time.monotonic() - start < 10


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for head in (b"", b"\0\0\0\0\x10\0\0\0LZFu\0\0\0\0"):
        try:
            out = rtf(head + data)
        except Malformed:
            continue
        assert len(out) <= 17 * 8 * (len(data) + 1)
