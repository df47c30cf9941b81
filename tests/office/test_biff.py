from __future__ import annotations

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
