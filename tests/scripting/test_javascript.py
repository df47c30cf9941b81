from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.javascript import tokens


def shown(text: str) -> list[tuple[str, str]]:
    found = tokens(text)
    return list(zip(found.kinds, found.values, strict=True))[: found.count]


def test_kinds() -> None:
    assert shown('a="x\\x41"+/b[/]c/i.test(`q`)/2 // no\n/* no */') == [
        ("w", "a"), ("p", "="), ("s", "xA"), ("p", "+"), ("r", "b[/]c"), ("p", "."), ("w", "test"), ("p", "("),
        ("t", "q"), ("p", ")"), ("p", "/"), ("n", "2"),
    ]  # fmt: skip


def test_where_they_stand() -> None:
    found = tokens("ab  'c'")
    assert (found.starts[:2], found.ends[:2]) == ([0, 4], [2, 7])


def test_an_unclosed_string_ends_with_its_line() -> None:
    assert shown("'abc\nx") == [("w", "?"), ("w", "x")]


@pytest.mark.parametrize("text", ['"' * 400_001, '\\"' * 300_000, "/" * 300_000, "/*" * 300_000, "`" + "\\`" * 300_000])
def test_linear(text: str) -> None:
    began = time.process_time()
    tokens(text)
    assert time.process_time() - began < 3


@given(st.text(alphabet="ab'\"`\\/*(){}\n= +", max_size=80))
def test_any_text(text: str) -> None:
    found = tokens(text)
    assert found.starts == sorted(found.starts)
    assert len(found.kinds) == len(found.values) == len(found.ends)
