from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.office import xlsmake as make
from tests.unpack.officefiles import record

from lazaretto.office import biff

BOOK = make.workbook(
    [make.call("EXEC", make.text("calc")), make.call("HALT")],
    more=make.name(1) + make.name("Auto_open_x") + make.link("cmd\3/c calc"),
    hidden=2,
    texts=["some text"],
)


def test_sheets_names_cells_links() -> None:
    found = biff.read(BOOK)
    assert [(each.name, each.has_macros, each.hidden) for each in found.sheets] == [("Macro1", True, 2)]
    assert found.names == ["Auto_Open", "Auto_open_x"]
    assert [(each.sheet, each.place, each.text, each.is_formula) for each in found.cells] == [
        ("Macro1", "A1", 'EXEC("calc")', True),
        ("Macro1", "A2", "HALT()", True),
        ("Macro1", "B1", "some text", False),
    ]
    assert found.links == [("cmd", "/c calc")]
    assert (found.locked, found.complete) == (False, True)


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        ((65 << 2 | 2).to_bytes(4, "little"), 65),
        ((6500 << 2 | 3).to_bytes(4, "little"), 65),
        (((1 << 30) - 5 << 2 | 2).to_bytes(4, "little"), -5),
        (b"\0\x40\x50\x40", 65),
    ],
)
def test_numbers_in_four_bytes(octets: bytes, value: float) -> None:
    assert biff.rk(octets) == value


def test_numbers_of_cells() -> None:
    whole = (65 << 2 | 2).to_bytes(4, "little")
    rows = record(0x27E, b"\0\0\2\0\0\0" + whole) + record(0x203, b"\1\0\2\0\0\0" + struct.pack("<d", 66.5))
    rows += record(0xBD, b"\2\0\2\0" + (b"\0\0" + whole) * 2 + b"\3\0")
    book = make.workbook([make.call("HALT")])
    at = book.rindex(record(0x0A))
    found = [(each.place, each.text) for each in biff.read(book[:at] + rows + book[at:]).cells if not each.is_formula]
    assert found == [("C1", "65"), ("C2", "66.5"), ("C3", "65"), ("D3", "65")]


def _among(records: bytes) -> bytes:
    book = make.workbook([make.call("HALT")])
    at = book.rindex(record(0x0A))
    return book[:at] + records + book[at:]


def test_formulas_of_several_cells() -> None:
    tokens = make.call("EXEC", make.text("calc"))
    size = struct.pack("<H", len(tokens))
    shared = record(0x4BC, struct.pack("<HHBBBB", 3, 3, 1, 1, 0, 1) + size + tokens)
    row = record(0x221, struct.pack("<HHBBHI", 4, 4, 1, 1, 0, 0) + size + tokens)
    found = biff.read(_among(shared + row)).cells
    assert [(each.place, each.text) for each in found[1:]] == [("B4", 'EXEC("calc")'), ("B5", 'EXEC("calc")')]


def test_formulas_that_names_stand_for() -> None:
    tokens = make.call("EXEC", make.text("calc"))
    name = record(0x18, struct.pack("<HBBHHHI", 0, 0, 2, len(tokens), 0, 0, 0) + b"\0go" + tokens)
    found = biff.read(make.workbook([make.call("HALT")], more=name + make.name("place")))
    assert [(each.place, each.text) for each in found.named] == [("go", 'EXEC("calc")')]
    assert found.names == ["go", "place"]


def test_an_ordinary_sheet_is_passed_over() -> None:
    assert biff.read(make.workbook([make.call("HALT")], kind=0)).cells == []


def test_a_macro_sheet_that_the_list_of_sheets_leaves_out() -> None:
    start = make.workbook([make.call("HALT")])
    at = start.index(record(0x809)[:2], 10)
    assert [each.text for each in biff.read(start[at:]).cells] == ["HALT()"]


@pytest.mark.parametrize(("path", "flags"), [("\1\1x\3y", 0), ("Word\3doc", 0x10), ("plain", 0), ("", 0)])
def test_other_links(path: str, flags: int) -> None:
    assert biff.read(make.workbook(more=make.link(path, flags))).links == []


def test_a_locked_one() -> None:
    found = biff.read(make.workbook([make.call("HALT")], more=record(0x2F, bytes(6))))
    assert (found.locked, found.cells) == (True, [])


@given(st.binary(max_size=400), st.integers(0, 300))
def test_anything_is_borne(junk: bytes, at: int) -> None:
    biff.read(BOOK[:at] + junk + BOOK[at:])
    biff.read(BOOK[:at])
