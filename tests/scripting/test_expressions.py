from __future__ import annotations

import pytest

from lazaretto.scripting.ecmascript import EcmaScript
from lazaretto.scripting.values import Name, State


def value(text: str) -> object:
    state = State()
    EcmaScript(f"x = {text}", state).read()
    return state.read("x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a" + "b" + 1', "ab1"),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ('1 + 1 + "a"', "2a"),
        ('["a", "b"][1]', "b"),
        ('{k: "v"}.k', "v"),
        ('{k: "v"}["k"]', "v"),
        ('"abc"[1]', "b"),
        ('"abc".length', 3),
        ('1 ? "a" : "b"', "a"),
        ("7 ^ 2", 5),
        ('unknown + "a"', None),
        ('unknown("a")', None),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


def test_what_is_shown() -> None:
    reader = EcmaScript('f("a" + "b", c)', State())
    reader.read()
    assert reader.spans == {2: (11, '"ab"')}


def test_names_of_the_system_may_have_another_name() -> None:
    state = State()
    EcmaScript("var q = String.fromCharCode; var y = q(72, 105)", state).read()
    assert state.read("q") == Name("String.fromCharCode")
    assert state.read("y") == "Hi"


def test_too_deep_is_said_and_the_rest_is_read() -> None:
    state = State()
    EcmaScript("(" * 10_000 + "1" + ")" * 10_000 + '; y = "a" + "b"', state).read()
    assert state.limit is not None
    assert state.read("y") == "ab"


def test_what_is_run_is_a_layer() -> None:
    state = State()
    EcmaScript('this["ev" + "al"]("alert(1)")', state).read()
    assert state.layers == [("javascript", "alert(1)")]
