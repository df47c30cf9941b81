from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.expression import LONGEST, parse


@pytest.mark.parametrize(
    ("text", "counts", "expected"),
    [
        ("0", [1], True),
        ("0", [0], False),
        ("0&1", [1, 0], False),
        ("0|1", [0, 1], True),
        ("0&1|2", [0, 1, 1], False),  # from the right
        ("(0&1)|2", [0, 1, 1], True),
        ("(0&1|2)&3", [0, 0, 1, 1], True),  # within brackets the last sign binds least
        ("3|(0|1&2)", [1, 1, 0, 0], False),
        ("(0&1|2|3)", [0, 0, 1, 0], False),  # and those before it from the right
        ("(0|1&2|3)&4", [1, 0, 0, 0, 1], True),
        ("((0|1&2))&3", [1, 0, 0, 1], False),
        ("0=2", [2], True),
        ("0=2", [3], False),
        ("0=0", [0], True),
        ("0>2", [3], True),
        ("0<2", [1], True),
        ("(0|1)>2", [2, 1], True),
        ("(0|1)=3", [2, 1], True),
        ("(0|1)>2,2", [3, 0], False),
        ("(0|1)>2,2", [2, 1], True),
        ("(0|1)<1", [0, 0], True),
        ("(0<3&1)>1,2", [0, 2], True),  # what holds counts as different, also with no match
        ("((0|1|2)=2)&3", [1, 1, 0, 1], True),
        ("0&(1=0)", [1, 0], True),
    ],
)
def test_it_holds(text: str, counts: list[int], expected: bool) -> None:
    assert parse(text).holds(counts.__getitem__) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0&1", {1}), ("0|1", {0, 1}), ("0=0", None), ("0|1=0", None), ("0&1=0", {0}), ("(0|1)>2", {0, 1}), ("0<3", None)],
)
def test_what_must_be_there(text: str, expected: set[int] | None) -> None:
    triggers = parse(text).triggers(lambda number: number)
    assert triggers == (None if expected is None else frozenset(expected))


@pytest.mark.parametrize(
    "text", ["", "&", "0&", "&0", "0 1", "(0", "0)", "()", "0&&1", "0==1", "0>", "a", "64", "0(1)", "(" * LONGEST + "0"]
)
def test_what_is_no_expression_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        parse(text)


def test_depth_costs_nothing() -> None:
    deep = "(" * 2000 + "0" + ")" * 2000
    assert parse(deep).holds(lambda _: 1)
