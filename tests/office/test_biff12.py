from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.office import xlsmake as make

from lazaretto.office import biff12

SHEET = make.binary_sheet(
    {
        (0, 0): make.wide_call("EXEC", make.wide_text("calc")),
        (4, 27): make.wide_cell(0, 1) + make.wide_text("x") + b"\x08",
    },
    {(0, 1): "some text"},
)


def test_formulas_and_strings() -> None:
    assert [(each.place, each.text, each.is_formula) for each in biff12.cells(SHEET)] == [
        ("A1", 'EXEC("calc")', True),
        ("AB5", 'B1&"x"', True),
        ("B1", "some text", False),
    ]


def test_formulas_of_several_cells() -> None:
    tokens = make.wide_call("EXEC", make.wide_text("calc"))
    size = struct.pack("<I", len(tokens))
    area = struct.pack("<IIII", 3, 3, 1, 1)
    sheet = (
        make._record(129, b"")
        + make._record(427, area + size + tokens)
        + make._record(426, area + b"\0" + size + tokens)
    )
    assert [(each.place, each.text) for each in biff12.cells(sheet)] == [("B4", 'EXEC("calc")')] * 2


def test_numbers() -> None:
    rk = make._record(2, struct.pack("<II", 1, 0) + (65 << 2 | 2).to_bytes(4, "little"))
    real = make._record(5, struct.pack("<IId", 2, 0, 66.5))
    sheet = make._record(129, b"") + make._record(0, bytes(17)) + rk + real
    assert [(each.place, each.text) for each in biff12.cells(sheet)] == [("B1", "65"), ("C1", "66.5")]


@pytest.mark.parametrize("kind", [8, 9, 10, 11])
def test_formulas_of_any_value(kind: int) -> None:
    sheet = make.binary_sheet({(0, 0): make.wide_call("HALT")}, {}, kind)
    assert [each.text for each in biff12.cells(sheet)] == ["HALT()"]


@given(st.binary(max_size=300), st.integers(0, 100))
def test_anything_is_borne(junk: bytes, at: int) -> None:
    biff12.cells(SHEET[:at] + junk + SHEET[at:])
    biff12.cells(SHEET[:at])
