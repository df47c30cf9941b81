from __future__ import annotations

import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.policy.globs import Globs, problems

PATTERN = st.text("ab*?[]!", min_size=1, max_size=6).filter(lambda text: not problems([text]))


def test_case_never_counts() -> None:
    assert Globs(("*@sales.example", "alice@far.example")).match("Bob@SALES.example")
    assert Globs(("alice@far.example",)).match("ALICE@far.example")
    assert not Globs(("*@sales.example",)).match("bob@notsales.example.org")


def test_nothing_matches_an_empty_list() -> None:
    assert not Globs()
    assert not Globs().match("")


@given(st.lists(PATTERN, max_size=4), st.text("ab", max_size=6))
@settings(max_examples=100)
def test_a_list_is_the_union_of_its_patterns(texts: list[str], text: str) -> None:
    assert Globs(tuple(texts)).match(text) == any(fnmatchcase(text, each) for each in texts)


@given(st.lists(PATTERN, max_size=3), st.lists(PATTERN, max_size=3), st.text("ab", max_size=6))
@settings(max_examples=200)
def test_include_is_never_wrong(first: list[str], second: list[str], text: str) -> None:
    wide, narrow = Globs(tuple(first)), Globs(tuple(second))
    if wide.include(narrow) and narrow.match(text):
        assert wide.match(text)


@pytest.mark.parametrize(("wide", "narrow"), [("*", "a?b*"), ("*@x.example", "al*@x.example"), ("a?", "a?")])
def test_include_sees_the_plain_cases(wide: str, narrow: str) -> None:
    assert Globs((wide,)).include(Globs((narrow,)))


@pytest.mark.parametrize("text", ["", " ", "[ab"])
def test_bad_patterns_are_named(text: str) -> None:
    assert problems([text])


def test_many_stars_on_hostile_text_take_no_time() -> None:
    began = time.perf_counter()
    assert not Globs(("*a*a*a*a*a*a*b",)).match("a" * 20_000)
    assert time.perf_counter() - began < 2
