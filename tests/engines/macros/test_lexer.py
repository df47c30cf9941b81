from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.engines.macros.lexer import statements


def words(source: str) -> list[tuple[int, list[str]]]:
    return [(each.line, each.words) for each in statements(source)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('x = "a""b" & Chr$(65)', [(1, ["x", "=", '"a"', '"b"', "&", "Chr", "(", "65", ")"])]),
        ("' comment\nRem more\nx = 1 ' last", [(3, ["x", "=", "1"])]),
        ('x = "it\'s" & y', [(1, ["x", "=", '"it\'s"', "&", "y"])]),
        ("x = 1 + _\r\n  2\r\ny = 3", [(1, ["x", "=", "1", "+", "2"]), (3, ["y", "=", "3"])]),
        ("a.B.c &H41 &o7 1.5", [(1, ["a", ".B", ".c", "&H41", "&o7", "1.5"])]),
        ('Attribute VB_Name = "a"\nAttribute VB_Base = "b"\nSub x()', [(1, ["Sub", "x", "(", ")"])]),
        (
            'VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1\nEnd\nAttribute VB_Name = "a"\nSub x()',
            [(1, ["Sub", "x", "(", ")"])],
        ),
        ('x = "open', [(1, ["x", "=", '"open'])]),
        ("größe = 1", [(1, ["größe", "=", "1"])]),
        ("\n\n  \nx", [(4, ["x"])]),
        ('Go: a = "b:c": f x:=1', [(1, ["Go"]), (1, ["a", "=", '"b:c"']), (1, ["f", "x", ":", "=", "1"])]),
        ("SUM(A1:B2)", [(1, ["SUM", "(", "A1", ":", "B2", ")"])]),
        ("If a Then b Else c", [(1, ["If", "a", "Then"]), (1, ["b", "Else"]), (1, ["c"])]),
        ("Const a = 1, b = 2", [(1, ["Const", "a", "=", "1"]), (1, ["Const", "b", "=", "2"])]),
        ("a: Rem b", [(1, ["a"])]),
        (":::", []),
        ("a\rb", [(1, ["a"]), (2, ["b"])]),
    ],
)
def test_words_and_lines(source: str, found: list[tuple[int, list[str]]]) -> None:
    assert words(source) == found


@given(st.text(alphabet="aA1 \"'_&().\n\r\x01,=<ä:", max_size=300))
def test_anything_is_borne(source: str) -> None:
    for statement in statements(source):
        assert statement.words
        assert len(statement.words) == len(statement.lower)
