# ruff: noqa: E501 - scripts and tables are easier to read in one line
from __future__ import annotations

import pytest

from lazaretto.scripting.basiccalls import LANGUAGE
from lazaretto.scripting.values import State


@pytest.mark.parametrize(
    ("name", "items", "expected"),
    [
        ("chr", [65], "A"), ("strreverse", ["abcd"], "dcba"), ("replace", ["a-b", "-", ""], "ab"), ("mid", ["abcd", 2, 2], "bc"),
        ("mid", ["abcd", 0], None), ("left", ["abc", 2], "ab"), ("right", ["abc", 2], "bc"), ("right", ["abc", 0], ""),
        ("asc", ["A"], 65), ("len", ["abc"], 3), ("ubound", [["a", "b"]], 1), ("cint", ["&H41"], 65), ("clng", ["7"], 7),
        ("hex", [255], "FF"), ("join", [["a", "b"], ""], "ab"), ("split", ["a b"], ["a", "b"]), ("lcase", ["AB"], "ab"),
        ("chr", [None], None), ("chr", [], None),
    ],
)  # fmt: skip
def test_functions(name: str, items: list[object], expected: object) -> None:
    assert LANGUAGE.functions[name](State(), None, items) == expected
