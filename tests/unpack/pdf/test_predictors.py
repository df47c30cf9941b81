from __future__ import annotations

import pytest

from lazaretto.unpack.pdf.predictors import predicted, row_bytes


def read(data: bytes, **parameters: int) -> bytes:
    chunks = (data[at : at + 5] for at in range(0, len(data), 5))
    return b"".join(predicted(chunks, parameters))


@pytest.mark.parametrize(
    ("rows", "plain"),
    [
        (b"\0abc\0def", b"abcdef"),
        (b"\x01a\x01\x01\x01b\x01\x01", b"abcbcd"),
        (b"\0abc\x02\x01\x01\x01", b"abcbcd"),
        (b"\0\x02\x04\x06\x03\x01\x01\x01", b"\x02\x04\x06\x02\x04\x06"),
        (b"\0\x02\x04\x06\x04\x01\x01\x01", b"\x02\x04\x06\x03\x05\x07"),
        (b"\0abc\x02\x01", b"abcb"),  # cut off
        (b"\x09abc", b"abc"),  # no such filter
    ],
)
def test_png(rows: bytes, plain: bytes) -> None:
    assert read(rows, Predictor=15, Columns=3) == plain


def test_several_colours() -> None:
    assert read(b"\x01ab\x01\x01\x01\x01", Predictor=11, Columns=3, Colors=2) == b"abbccd"


def test_tiff() -> None:
    assert read(b"a\x01\x01b\x01\x01", Predictor=2, Columns=3) == b"abcbcd"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"Predictor": 1},
        {"Predictor": 99},
        {"Predictor": 12, "Columns": 0},
        {"Predictor": 12, "Columns": -5},
        {"Predictor": 12, "Columns": 2**40},
        {"Predictor": 2, "BitsPerComponent": 4},
    ],
)
def test_what_is_not_undone(parameters: dict[str, int]) -> None:
    assert row_bytes(parameters) == 0
