from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.errors import Malformed
from lazaretto.scripting.shelllink import HEADER, read


def test_targets_in_every_spelling(lnk: Any) -> None:
    assert read(lnk.link(target=lnk.ids("Windows", "calc.exe"))).texts["target"] == ["C:\\Windows\\calc.exe"]
    assert read(lnk.link(place=lnk.info(local="C:\\a\\", suffix="b.exe"))).texts["target"] == ["C:\\a\\b.exe"]
    assert read(lnk.link(place=lnk.info(share="\\\\h\\s", suffix="b.exe"))).texts["target"] == ["\\\\h\\s\\b.exe"]
    assert read(lnk.link(blocks=lnk.environment("%ComSpec%"))).texts["target"] == ["%ComSpec%"]


@pytest.mark.parametrize("wide", [True, False])
def test_strings(lnk: Any, wide: bool) -> None:
    texts = {"description": "d", "relative": "r", "directory": "w", "arguments": "/c ä", "icon": "i"}
    found = read(lnk.link(wide=wide, **texts)).texts
    assert [found[kind] for kind in ("description", "relative path", "directory", "arguments", "icon")] == [
        ["d"], ["r"], ["w"], ["/c ä"], ["i"]
    ]  # fmt: skip


def test_where_it_ends(lnk: Any) -> None:
    data = lnk.link(arguments="a", blocks=lnk.environment("x") + lnk.environment("y", 0xA0000007))
    assert read(data + b"appended").end == len(data)
    assert read(data[:-4] + b"MZ appended").end == len(data) - 4  # no block ends it
    with pytest.raises(Malformed):
        read(data[: HEADER - 1])


@given(st.binary(max_size=300), st.integers(0, 0xFF))
def test_any_bytes(data: bytes, flags: int) -> None:
    head = b"L\0\0\0" + bytes(16) + bytes((flags, 0, 0, 0)) + bytes(52)
    assert read(head + data).end <= len(head + data)
