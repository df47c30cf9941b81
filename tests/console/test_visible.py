from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.console.visible import hidden, name, pieces, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
        ("a\u200bb", "a[U+200B]b"),
        ("bell\x07 nul\x00 esc\x1b[31m", "bell[U+0007] nul[U+0000] esc[U+001B][31m"),
        ("two\nlines\ttab", "two[U+000A]lines[U+0009]tab"),
        ("wide\u00a0space\u2003here", "wide[U+00A0]space[U+2003]here"),
        ("Grüße aus Köln, مرحبا, 日本語 👍", "Grüße aus Köln, مرحبا, 日本語 👍"),
        ("\ud800", "[U+D800]"),
    ],
)
def test_what_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_may_stay_lines() -> None:
    assert visible("one\n\ttwo\r\u202e", lines=True) == "one\n\ttwo[U+000D][U+202E]"


def test_heaps_of_marks_are_cut() -> None:
    assert len(visible("Z" + "\u0301" * 500 + "x")) == 6


@settings(max_examples=100)
@given(st.text())
def test_nothing_hidden_is_left(text: str) -> None:
    assert not any(hidden(character) for character in visible(text))
    assert visible(visible(text)) == visible(text)
    assert all(len(run) == 1 for run, secret in pieces(text) if secret)


def test_the_tooltip_names_it() -> None:
    assert name("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
    assert name("\x07") == "U+0007 control character"
