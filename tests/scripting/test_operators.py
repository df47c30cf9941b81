# ruff: noqa: E501 - scripts and tables are easier to read in one line
from __future__ import annotations

import pytest

from lazaretto.scripting import operators
from lazaretto.scripting.values import State


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        ("+", "a", 1, "a1"), ("+", 1, 2, 3), ("&", "a", "b", "ab"), ("*", 3, "4", 12), ("/", 1, 0, None), ("%", 7, 4, 3),
        ("xor", 5, 1, 4), ("<<", 1, 4, 16), (">>", 1, 400, None), ("+", None, "a", None), ("*", 2**59, 2**59, None),
        ("==", 1, 1.0, True), ("<", "a", "b", True), ("<", "a", None, None), ("+", [1], [2], [1, 2]), ("<>", 1, 2, True),
    ],
)  # fmt: skip
def test_combined(sign: str, left: object, right: object, expected: object) -> None:
    assert operators.combined(State(), sign, left, right) == expected


def test_signed_and_literals() -> None:
    assert operators.signed(State(), "-", "3") == -3
    assert operators.signed(State(), "!", 0) is True
    assert operators.signed(State(), "~", 1) == -2
    assert operators.literal("0x1f") == 31
    assert operators.literal("&h1f") == 31
    assert operators.literal("1.5") == 1.5
    assert operators.literal("9" * 400) is None


def test_joined_leaves_out_what_is_not_known() -> None:
    assert operators.joined(State(), ["a", None, 1], "-") == "a-1"
    assert operators.joined(State(), [None], "") is None
