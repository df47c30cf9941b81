from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.unpack.pdf.lzw import lzw


def packed(data: bytes, early: int = 1) -> bytes:
    """An encoder by the book (ISO 32000-1, 7.4.4.2)."""
    out, width = [(256, 9)], 9
    table = {bytes((byte,)): byte for byte in range(256)}
    after, word = 258, b""
    for byte in data:
        grown = word + bytes((byte,))
        if grown in table:
            word = grown
            continue
        out.append((table[word], width))
        table[grown], after = after, after + 1
        word = bytes((byte,))
        if after + early - 1 >= 1 << width and width < 12:
            width += 1
        if after >= 4094:
            out.append((table[word], width))
            out.append((256, width))
            table, after, width, word = {bytes((each,)): each for each in range(256)}, 258, 9, b""
    if word:
        out.append((table[word], width))
        after += 1
        if after + early - 1 >= 1 << width and width < 12:
            width += 1
    out.append((257, width))
    bits = "".join(f"{code:0{size}b}" for code, size in out)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def read(data: bytes, early: int = 1) -> bytes:
    return b"".join(lzw(iter([data]), early))


def test_the_example_of_the_specification() -> None:
    assert read(bytes.fromhex("800b6050220c0c8501")) == b"-----A---B"


@pytest.mark.parametrize("early", [0, 1])
def test_long_texts(early: int) -> None:
    text = b"".join(b"line %d of many, no. %d\n" % (n, n * n) for n in range(4000))
    assert read(packed(text, early), early) == text


@given(st.binary(max_size=300))
def test_there_and_back(data: bytes) -> None:
    assert read(packed(data)) == data


@given(st.binary(max_size=300))
def test_any_codes_end(data: bytes) -> None:
    read(data)


def test_time() -> None:
    start = time.process_time()
    list(lzw(iter([b"\x80\x00\x55" * 1_000_000])))
    assert time.process_time() - start < 5
