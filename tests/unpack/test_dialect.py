from __future__ import annotations

import pytest

from lazaretto.unpack import signatures
from lazaretto.unpack.dialect import _ROOTS, kind, windows_script
from lazaretto.unpack.identify import identify

HEAD = '<?xml version="1.0"?>\n'


@pytest.mark.parametrize(("root", "near", "expected"), _ROOTS)
def test_roots(root: str, near: str, expected: str) -> None:
    inside = near if near.startswith("<") else ""
    attribute = "" if near.startswith("<") else f' xmlns:z="{near}"'
    assert identify(f"{HEAD}<{root}{attribute}>{inside}".encode()) == expected
    assert identify(f"{HEAD}<p:{root.upper()}{attribute}>{inside}".encode()) == expected


@pytest.mark.parametrize(
    "text", ["<note/>", "<workbook xmlns='x'>", "<document/>", "<styleSheet xmlns='main'/>", "", "<"]
)
def test_other_xml(text: str) -> None:
    assert kind(HEAD + text) == "text/xml"


def test_windows_script_needs_no_declaration() -> None:
    assert windows_script("<job><script>")
    assert not windows_script("<job>")
    assert not windows_script("text <job><script>")


def test_all_of_them_are_read_as_xml() -> None:
    assert {kind for _, _, kind in _ROOTS} - signatures.XML_KINDS == {"image/svg+xml", "text/html"}
