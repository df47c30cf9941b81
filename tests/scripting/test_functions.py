from __future__ import annotations

import pytest

from lazaretto.errors import LimitExceeded
from lazaretto.scripting import functions
from lazaretto.scripting.values import Pattern, State


def test_texts_taken_apart() -> None:
    state = State()
    assert functions.split(state, "a-b", ["-"]) == ["a", "b"]
    assert functions.split(state, "ab", [""]) == ["a", "b"]
    assert functions.join(state, ["a", "b"], [""]) == "ab"
    assert functions.reverse(state, ["a", "b"], []) == ["b", "a"]
    assert functions.substr(state, "abcd", [1, 2]) == "bc"
    assert functions.substring(state, "abcd", [1, 3]) == "bc"
    assert functions.substring(state, "abcd", [-2]) == "cd"


def test_codes() -> None:
    state = State()
    assert functions.from_codes(state, None, [72, 105]) == "Hi"
    assert functions.from_codes(state, None, [None, [72, 105]]) == "Hi"
    assert functions.code_at(state, "H", [0]) == 72
    assert functions.integer(state, None, ["41", 16]) == 65
    assert functions.integer(state, None, ["12px"]) == 12
    assert state.tricks["chars"] == 4


def test_replaced() -> None:
    assert functions.replace(State(), "a#b", [Pattern("#"), ""]) == "ab"
    assert functions.replace(State(), "a1b2", [Pattern("[12]"), ""]) == "ab"
    assert functions.replace(State(), "ab", [Pattern("(a+)+$"), ""]) is None  # no pattern of others is ever run


def test_decoded() -> None:
    state = State()
    assert functions.decode64(state, None, ["aGVsbG8gd29ybGQh"]) == "hello world!"
    assert functions.unpercent(state, None, ["%68i"]) == "hi"
    assert list(state.made) == ["hello world!"]


def test_growth_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        functions.replaced(State(), "a" * 100_000, "a", "b" * 100_000)
    assert functions.push(State(), [0] * 400_000, [1]) is None
