from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.basiclexer import tokens


def shown(text: str) -> list[tuple[str, str]]:
    found = tokens(text)
    return list(zip(found.kinds, found.values, strict=True))[: found.count]


def test_kinds() -> None:
    assert shown('A = "it""s" & _\n&h1F \' no\nRem no\nb') == [
        ("w", "a"), ("p", "="), ("s", 'it"s'), ("p", "&"), ("n", "&h1F"), ("e", ""), ("w", "b"),
    ]  # fmt: skip


def test_a_colon_ends_a_statement() -> None:
    assert shown("a:b") == [("w", "a"), ("e", ""), ("w", "b")]


@pytest.mark.parametrize("text", ['"' * 100_001, "'" * 300_000, "rem\n" * 100_000, "[" * 200_000])
def test_linear(text: str) -> None:
    began = time.process_time()
    tokens(text)
    assert time.process_time() - began < 3


@given(st.text(alphabet="a\"'&_\n:[] h1", max_size=60))
def test_any_text(text: str) -> None:
    found = tokens(text)
    assert found.starts == sorted(found.starts)
