from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.pdf.filters import Filter, Meter, decoded

TEXT = bytes(range(256)) * 3 + b"tail"


def run(raw: bytes, *names: str, **parameters: int) -> bytes:
    chain = tuple(Filter(name, tuple(parameters.items())) for name in names)
    return b"".join(decoded(raw, chain, Meter()))


def run_length(data: bytes) -> bytes:
    return b"".join(bytes((len(part) - 1,)) + part for part in (data[at : at + 128] for at in range(0, len(data), 128)))


def test_each_filter() -> None:
    assert run(zlib.compress(TEXT), "FlateDecode") == TEXT
    assert run(TEXT.hex().encode() + b"4>ignored", "ASCIIHexDecode") == TEXT + b"@"
    assert run(base64.a85encode(TEXT, wrapcol=70) + b"~>", "ASCII85Decode") == TEXT
    assert run(base64.a85encode(bytes(9), adobe=True), "ASCII85Decode") == bytes(9)
    assert run(run_length(TEXT) + b"\x80xx", "RunLengthDecode") == TEXT
    assert run(b"\xfea", "RunLengthDecode") == b"aaa"
    assert run(TEXT, "Crypt") == TEXT
    assert run(TEXT) == TEXT


def test_chains_and_where_they_end() -> None:
    packed = base64.a85encode(zlib.compress(zlib.compress(TEXT))) + b"~>"
    assert run(packed, "ASCII85Decode", "FlateDecode", "Crypt", "FlateDecode") == TEXT
    assert run(zlib.compress(b"\xff\xd8"), "FlateDecode", "DCTDecode", "FlateDecode") == b"\xff\xd8"


def test_what_is_damaged_gives_what_can_be_read() -> None:
    packed = zlib.compress(TEXT)
    assert TEXT.startswith(run(packed[:-40], "FlateDecode"))
    assert run(packed[:-4] + b"abcd", "FlateDecode")[:768] == TEXT[:768]
    assert run(packed[2:-4], "FlateDecode") == TEXT  # deflate alone
    assert run(b"\x78\x00" + packed[2:], "FlateDecode") == TEXT  # a header that is wrong
    assert run(b"\xff\xff", "FlateDecode") == b""


def test_predictors_are_undone() -> None:
    rows = b"".join(b"\x02" + row for row in (b"abc", b"\x01\x01\x01"))
    assert run(zlib.compress(rows), "FlateDecode", Predictor=12, Columns=3) == b"abcbcd"


@given(st.binary(max_size=400), st.lists(st.sampled_from(["FlateDecode", "ASCIIHexDecode", "ASCII85Decode",
                                                           "RunLengthDecode", "LZWDecode"]), max_size=4))  # fmt: skip
def test_any_data_decodes_to_something(raw: bytes, names: list[str]) -> None:
    run(raw, *names)


@pytest.mark.parametrize(
    ("inner", "names"),
    [
        (zlib.compress(bytes(300 * 2**20), 6), ("FlateDecode", "ASCIIHexDecode")),
        (zlib.compress(bytes(300 * 2**20), 6), ("FlateDecode", "LZWDecode")),
        (zlib.compress(b"\x81a" * 2**24, 6), ("FlateDecode", "RunLengthDecode")),
    ],
)
def test_what_filters_hand_on_is_bounded(inner: bytes, names: tuple[str, ...]) -> None:
    start = time.process_time()
    with pytest.raises(LimitExceeded):
        _counted(decoded(inner, tuple(map(Filter, names)), Meter()))
    assert time.process_time() - start < 5


def _counted(chunks: Iterator[bytes]) -> None:
    """As whoever reads does: counts, and stops."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > 2**28:
            raise LimitExceeded("member_bytes")


def test_long_chains_are_refused() -> None:
    with pytest.raises(LimitExceeded, match="26 filters"):
        run(b"x", *["FlateDecode"] * 26)
