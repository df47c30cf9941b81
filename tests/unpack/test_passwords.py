"""Which words are tried on what is locked, in which order, and how many."""

from __future__ import annotations

from typing import Any

import pytest

from lazaretto import config
from lazaretto.errors import LimitExceeded
from lazaretto.model import Kind, Severity
from lazaretto.unpack.passwords import Words


def words(*found: str, clock: Any = lambda: 0.0, **limits: Any) -> Words:
    given = config.Unpack.model_validate({"passwords": ("infected",), **limits})
    return Words(given, lambda: [(word, "the body") for word in found], clock)


def test_the_mail_comes_before_the_list() -> None:
    assert list(words("a", "b", "a", "infected")) == ["a", "b", "infected"]


def test_what_opened_one_is_first_for_the_next() -> None:
    tried = words("a", "b")
    found = tried.opened("b")
    assert (found.kind, found.severity) == (Kind.ENCRYPTED, Severity.INFORMATIONAL)
    assert found.evidence == ("opened with a word of the body",)
    assert list(tried) == ["b", "a", "infected"]
    assert tried.opened("infected").evidence == ("opened with a word of the configured list",)


def test_the_count_ends_for_each_anew() -> None:
    tried = words("a", "b", "c", password_count=2)
    assert list(tried) == list(tried) == ["a", "b"]
    assert tried.refused("x.zip") == "x.zip: 2 words tried"


def test_the_time_ends_for_all() -> None:
    now = [0.0]
    tried = words("a", "b", "c", clock=lambda: now[0], password_seconds=3)
    for _ in tried:
        now[0] += 2
    assert tried.refused() == "locked: 2 words tried before the time was up"
    assert list(tried) == []
    assert tried.refused() == "locked: no words tried before the time was up"


def test_time_between_two_words_only_counts() -> None:
    now = [0.0]
    tried = words("a", clock=lambda: now[0], password_seconds=3)
    list(tried)
    now[0] += 100
    assert list(tried) == ["a", "infected"]


def test_words_known_to_all_have_a_time_of_their_own() -> None:
    now = [0.0]
    tried = words("a", clock=lambda: now[0], password_seconds=3)
    for _ in range(2):
        for _ in tried.known_to_all(["office"]):
            now[0] += 2
    with pytest.raises(LimitExceeded, match="too many locked files"):
        list(tried.known_to_all(["office"]))
    assert list(tried) == ["a", "infected"]


def test_no_time_for_words_is_still_some_for_those_known_to_all() -> None:
    tried = words("a", password_seconds=0)
    assert list(tried) == []
    assert list(tried.known_to_all(["office"])) == ["office"]
