from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msoffcrypto.method.xor_obfuscation import DocumentXOR
from tests.unpack import officefiles as make

from lazaretto.errors import Encrypted, HostileInput, Malformed
from lazaretto.office import streamcipher


@pytest.mark.parametrize("word", ["a", "abc", "VelvetSweatshop", "hello12"])
def test_xor_is_what_another_reader_has(word: str) -> None:
    key, check = streamcipher.xor_key(word.encode()), streamcipher.verifier(word.encode())
    assert key == DocumentXOR.create_xor_key_method1(word)
    assert DocumentXOR.verifypw(word, check)
    array = streamcipher.Xor(key, check).key(word)
    assert array == bytes(DocumentXOR.create_xor_array_method1(word))
    assert streamcipher.Xor(check, key).key(word) == array
    assert streamcipher.Xor(key, check).key(word + "x") is None or len(word) == 15
    assert streamcipher.Xor(0, 0).key("") is None


@given(st.binary(max_size=100), st.binary(min_size=16, max_size=16), st.integers(0, 40))
def test_word_keeps_zeros(data: bytes, array: bytes, at: int) -> None:
    turned = streamcipher.xor_word(data, array, at)
    assert streamcipher.xor_word(turned, array, at) == data
    assert [not each for each in turned] == [not each for each in data]


@pytest.mark.parametrize("bits", [40, 56, 128])
def test_each_block_has_its_key(bits: int) -> None:
    header, keys = make.api_head("word", bits)
    lock = streamcipher.read(header)
    assert lock.key("other") is None
    found = lock.key("word")
    assert found
    data = bytes(range(256)) * 8
    assert streamcipher.blocks(found, streamcipher.blocks(keys, data, 512), 512) == data
    assert streamcipher.blocks(found, data, 512)[512:1024] == streamcipher.rc4(found(1), data[512:1024])


def test_what_nothing_here_opens_is_said() -> None:
    header, _ = make.api_head("word")
    for changed in (header[:2] + b"\4\0" + header[4:], header[:20] + b"\x0e\x66" + header[22:]):
        with pytest.raises(Encrypted):
            streamcipher.read(changed)
    with pytest.raises(Malformed):
        streamcipher.read(header[:60])


@given(st.integers(0, 4), st.integers(0, 4), st.binary(max_size=150))
def test_any_bytes(major: int, minor: int, rest: bytes) -> None:
    with contextlib.suppress(HostileInput):
        streamcipher.read(struct.pack("<HH", major, minor) + rest).key("x")
