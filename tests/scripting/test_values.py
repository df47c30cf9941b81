from __future__ import annotations

import pytest

from lazaretto.errors import LimitExceeded
from lazaretto.scripting import values
from lazaretto.scripting.values import State, number_of, text_of, whole


def test_a_string_grows_in_pieces_and_is_whole_when_it_is_read() -> None:
    state = State()
    state.grow("a", "x")
    for _ in range(1000):
        state.grow("a", "yz")
    assert state.read("a") == "x" + "yz" * 1000
    assert values.CHARACTERS - state.characters < 10_000


def test_what_it_costs_is_counted() -> None:
    state = State(steps=2)
    state.step()
    state.step()
    with pytest.raises(LimitExceeded):
        state.step()
    with pytest.raises(LimitExceeded):
        state.spend(values.CHARACTERS + 1)
    with pytest.raises(LimitExceeded):
        State().kept("x" * (values.LONGEST + 1))


def test_after_a_few_limits_nothing_more_is_read() -> None:
    state, error = State(), LimitExceeded("script", "first")
    assert state.stop(error)
    assert state.limit is error
    assert [state.stop(LimitExceeded("script", "other")) for _ in range(4)][-1] is False
    assert state.limit is error


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (3, "3"), (3.0, "3"), (True, "true"), (None, None), ([], None)]
)
def test_text(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_numbers() -> None:
    assert number_of("0x10") == 16
    assert number_of("a") is None
    assert whole("7") == 7
    assert whole(1e300) is None
