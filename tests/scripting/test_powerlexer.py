from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.powerlexer import tokens


def shown(text: str) -> list[tuple[str, str]]:
    found = tokens(text)
    return list(zip(found.kinds, found.values, strict=True))[: found.count]


def test_kinds() -> None:
    assert shown("$a = 'it''s' -join \"x`n\" # no\nI`E`X <# no #>2") == [
        ("w", "$a"), ("p", "="), ("s", "it's"), ("p", "-join"), ("t", "x\n"), ("e", ""), ("w", "IEX"), ("n", "2"),
    ]  # fmt: skip


def test_a_line_goes_on_behind_an_operator() -> None:
    assert ("e", "") not in shown("'a' +\n'b'")


def test_here_strings() -> None:
    assert shown("@'\na'b\n'@;x")[0] == ("s", "a'b")


@pytest.mark.parametrize("text", ["'" * 300_001, '"' * 300_001, "`" * 300_000, "<#" * 200_000, "@'\n" * 100_000])
def test_linear(text: str) -> None:
    began = time.process_time()
    tokens(text)
    assert time.process_time() - began < 3


@given(st.text(alphabet="a$'\"`@#<>\n()-", max_size=60))
def test_any_text(text: str) -> None:
    found = tokens(text)
    assert found.starts == sorted(found.starts)
