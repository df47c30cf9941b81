from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.office import xlsmake as make

from lazaretto.office import formula


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (make.call("EXEC", make.text("calc")), 'EXEC("calc")'),
        (make.call("CHAR", make.number(65)), "CHAR(65)"),
        (make.join(make.text("a"), make.call("CHAR", make.number(66)), make.cell(2, 27)), '"a"&CHAR(66)&AB3'),
        (make.text('say "x"'), '"say ""x"""'),
        (make.call("HALT"), "HALT()"),
        (b"\x1f" + struct.pack("<d", 1.5), "1.5"),
        (b"\x1d\1", "TRUE"),
        (make.number(1) + make.number(2) + b"\x03\x15", "(1+2)"),
        (make.number(1) + b"\x13", "-1"),
        (b"\x23" + struct.pack("<I", 1) + make.number(3) + b"\x42\x02\xff\x00", "Mine(3)"),
        (b"\x19\x40\0\0" + make.number(7), "7"),
        (b"\x19\x04\x01\0\0\0\0\0" + make.number(7), "7"),
        (make.text("a") + b"\x16\x42\x02\x96\x00", 'CALL("a",)'),
        (make.number(1) + b"\x18\xff", "1 ?"),
        (make.number(1) + b"\x41\x99\x09", "F999(1)"),
        (b"\x3a" + struct.pack("<HHH", 0, 4, 1), "B5"),
        (b"\x25" + bytes(8), "ref"),
    ],
)
def test_text(tokens: bytes, text: str) -> None:
    assert formula.text(tokens, names=("Mine",)) == text


def test_excel_5_has_one_byte_for_a_character() -> None:
    assert formula.text(b"\x17\x02ab\x44\x01\0\2\x08", wide=False) == '"ab"&C2'


@pytest.mark.parametrize(
    ("row", "column", "name"), [(0, 0, "A1"), (9, 25, "Z10"), (0, 26, "AA1"), (0, 701, "ZZ1"), (0, 702, "AAA1")]
)
def test_cells(row: int, column: int, name: str) -> None:
    assert formula.cell(row, column) == name


@given(st.binary(max_size=300), st.booleans())
def test_anything_is_borne(tokens: bytes, wide: bool) -> None:
    formula.text(tokens, wide)


def test_a_bomb_is_bounded() -> None:
    tokens = make.text("x" * 200) * 30 + b"\x08" * 29
    started = time.process_time()
    for _ in range(500):
        assert len(formula.text(tokens)) <= 8192
    assert time.process_time() - started < 2
