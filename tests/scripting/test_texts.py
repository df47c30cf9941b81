from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting import texts


def test_escapes() -> None:
    assert texts.unescaped(r"\x41\u0042\u{43}\104\n\q\'") == "ABCD\nq'"
    assert texts.unpercent("%41%u0042%zz") == "AB%zz"


@pytest.mark.parametrize("data", [b"hello world", gzip.compress(b"hello world"), zlib.compress(b"hello world")])
def test_words(data: bytes) -> None:
    assert texts.words(data) == "hello world"


def test_words_of_powershell_are_utf_16() -> None:
    assert texts.words("iex hello".encode("utf-16-le")) == "iex hello"
    assert texts.words(b"\x90\x91\xff\xfe\0\1\2") is None


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    assert len(texts.unpacked(gzip.compress(bytes(1 << 24)))) <= 1 << 20


def test_base64_and_hexadecimal() -> None:
    assert texts.base64("aGVsbG8=") == b"hello"
    assert texts.hexadecimal("0x68,0x69") == b"hi"
    assert texts.is_base64("aGVsbG8gd29ybGQ9")
    assert not texts.is_base64("a" * 40)


def test_characters() -> None:
    assert texts.characters([72, 105.0]) == "Hi"
    assert texts.characters([None]) is None
    assert texts.characters([0xD800]) == "\ufffd"


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    texts.unescaped(text)
    texts.unpercent(text)
    texts.base64(text)
    texts.words(text.encode("utf-16-le", "surrogatepass"))
