from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.body import parse
from lazaretto.engines.patterns.clam.occurrences import ExhaustedError, View, find


def places(text: str, data: bytes, modifiers: str = "", low: int = 0, high: int = 10_000) -> list[int]:
    return sorted(place for body in parse(text, modifiers) for place in find(body, View(data), low, high, 1000))


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ("6162", b".ab.ab", [1, 4]),
        ("6162??64", b"abXd", [0]),
        ("61626?64", b"abcd.abXd", [0]),
        ("6162*6364", b"ab....cd", [0]),
        ("6162*6364", b"cd....ab", []),
        ("6162{2}6364", b"ab..cd", [0]),
        ("6162{1-3}6364", b"ab....cd", []),
        ("6162{200}6364", b"ab" + b"." * 200 + b"cd", [0]),
        ("6162{-2}6364", b"abcd", [0]),
        ("6162{3-}6364", b"ab..cd", []),
        ("6162{3-}6364", b"ab....cd", [0]),
        ("61(62|7a)6364", b"azcd aycd", [0]),
        ("61!(62|63)6465", b"abde axde", [5]),
        ("(61|616161)7a7a", b".aaazz", [1, 3]),
        ("61[1-2]626364", b"a..bcd", [3]),
        ("61[1-2]626364", b"a...bcd", []),
        ("626364[1-2]61", b"bcd.a", [0]),
        ("626364[1-2]61", b"bcda", []),
        ("(B)6162(B)", b"ab xabx /ab>", [0, 9]),
        ("(L)6162(L)", b"ab\r\nab xab\nab", [0, 11]),
        ("(W)6162(W)", b"xab ab-xab", [4]),
        ("!(W)6162", b"xab.ab", [0]),  # what is not before it is a byte of it
        ("!(B)6162", b"'ab=ab+ab", [6]),
        ("6364{-1}!(L)6162", b"cdab cd.ab cd..ab cd...ab", [5, 11]),
        ("6364{0-1}6162(L){1}6566", b"cdab\nef", [0]),  # no byte of its own at the end of a part
        ("6162(W)6364", b"ab-cd abxcd", [0]),
        ("6162(L)6364", b"ab\r\ncd ab\ncd", [0, 7]),
        ("6162", b"", []),
        ("6162*6364{-5}6566", b"ab cd cd ef", [0]),
    ],
)
def test_it_is_found_where_clamav_finds_it(text: str, data: bytes, expected: list[int]) -> None:
    assert places(text, data) == expected


def test_modifiers() -> None:
    assert places("6162", b"AB aB", "i") == [0, 3]
    assert places("6162", b"a\0b\0 ab", "wa") == [0, 5]
    assert places("6162", b"xa\0b\0", "wf") == [1]
    assert places("6162", b"x\0a\0b\0", "wf") == []


def test_it_begins_within_its_bounds() -> None:
    assert places("6162", b"ab ab ab", low=1, high=3) == [3]


@pytest.mark.timeout(10)
def test_work_ends_at_the_budget() -> None:
    data = b"ab" * 2_000_000
    with pytest.raises(ExhaustedError):
        find(parse("6162*6162*6162{1-3}6162")[0], View(data), 0, len(data), 10**9)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("text", ["62[0-32]6161", "6161[0-32]62"])
def test_anchors_are_paid_for(text: str) -> None:
    view, wanted = View(b"a" * 60_000), parse(text)[0]
    with pytest.raises(ExhaustedError):
        find(wanted, view, 0, len(view.data), 10**9)
