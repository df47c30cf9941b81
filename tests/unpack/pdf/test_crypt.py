from __future__ import annotations

import zlib

import pytest

from lazaretto.unpack.pdf.crypt import AES, AES256, NONE, RC4, Keys, likely
from lazaretto.unpack.pdf.filters import Filter


def test_nothing_is_done_without_a_method() -> None:
    assert Keys(b"k" * 16, NONE, NONE, NONE).stream(b"abc", 1, 0) == b"abc"
    assert Keys(b"k" * 16, "unknown", NONE, NONE).string(b"abc", 1, 0) == b"abc"


def test_files_have_a_method_of_their_own() -> None:
    keys = Keys(b"k" * 16, NONE, NONE, RC4)
    assert keys.stream(b"abc", 1, 0) == b"abc"
    assert keys.stream(b"abc", 1, 0, file=True) != b"abc"
    assert keys.stream(keys.stream(b"abc", 1, 0, file=True), 1, 0, file=True) == b"abc"  # RC4 undoes itself


def test_each_object_has_its_key() -> None:
    keys = Keys(b"k" * 5, RC4, RC4, RC4)
    assert len({keys.stream(b"abcdef", number, generation) for number, generation in ((1, 0), (2, 0), (1, 1))}) == 3


@pytest.mark.parametrize("method", [AES, AES256])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 33])
def test_what_was_cut_is_read_as_far_as_it_goes(method: str, size: int) -> None:
    opened = Keys(b"k" * (32 if method == AES256 else 16), method, method, method).stream(bytes(size), 1, 0)
    assert len(opened) <= size


def test_what_filters_expect() -> None:
    flate, hexes = (Filter("FlateDecode"),), (Filter("Crypt"), Filter("ASCIIHexDecode"))
    assert likely(zlib.compress(b"x"), flate)
    assert not likely(b"\x79\x9c" + b"x" * 9, flate)
    assert likely(b"41 42>", hexes)
    assert not likely(b"\x9941", hexes)
    assert likely(b"\xff\xd8\xff\xe0", (Filter("DCTDecode"),))
    assert likely(b"plain text", ())
    assert not likely(bytes.fromhex("9f01c5a7e2913344d8f7"), ())
