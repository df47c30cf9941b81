from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.office import vbamake as make

from lazaretto.office.vba import directory

WHOLE = make.directory({"Module1": 7, "Сorp": 9}, 1251, ("*\\G{00020430}#2.0#0#stdole2.tlb#OLE",))


def test_modules_references_code_page() -> None:
    found = directory.read(WHOLE)
    assert [(each.name, each.stream, each.offset) for each in found.modules] == [
        ("Module1", "Module1", 7),
        ("Сorp", "Сorp", 9),
    ]
    assert (found.code_page, found.whole, found.modules[0].procedural) == (1251, True, True)
    assert found.references == ["*\\G{00020430}#2.0#0#stdole2.tlb#OLE"]


def test_a_module_of_a_document() -> None:
    assert not directory.read(make.directory({"a": 0}, procedural=False)).modules[0].procedural


def test_what_is_cut_off_is_said() -> None:
    found = directory.read(WHOLE[:-20])
    assert not found.whole
    assert found.modules[0].name == "Module1"


@given(st.binary(max_size=500), st.integers(0, 200))
def test_anything_is_borne(junk: bytes, at: int) -> None:
    directory.read(WHOLE[:at] + junk)


@pytest.mark.parametrize(
    ("page", "octets", "text"),
    [
        (1251, b"\xcc", "М"),
        (932, b"\x83\x7d", "マ"),
        (10000, b"\x8a", "ä"),
        (65001, "ä".encode(), "ä"),
        (9, b"\xe4", "ä"),
    ],
)
def test_code_pages(page: int, octets: bytes, text: str) -> None:
    assert directory.decoded(octets, page) == text
