# ruff: noqa: E501 - scripts and tables are easier to read in one line
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.values import State
from lazaretto.scripting.vbscript import VbScript


@pytest.mark.parametrize(
    "text",
    [
        'Execute "Msg" & "Box 1"',
        'Execute StrReverse("1 xoBgsM")',
        'x = Chr(77) & Chr(&h73) & "gBox 1"\nExecuteGlobal x',
        'For Each c In Split("77 115 103 66 111 120 32 49")\n y = y & Chr(c)\nNext\nExecute y',
        'Function d(s)\nDim r, i\nFor i = 1 To Len(s)\nr = r & Chr(Asc(Mid(s, i, 1)) Xor 1)\nNext\nd = r\nEnd Function\nExecute d("LrfCny!0")',
        'a = "Msg"\na = a & "Box 1"\nExecute(a)',
        'Execute Join(Array("Msg", "Box 1"), "")',
        'Execute Replace("M#sgB#ox 1", "#", "")',
        'Do While i < 2\ni = i + 1\ns = s & Mid("MsgBox 1", i * 4 - 3, 4)\nLoop\nExecute s',
        'If 1 > 0 Then\nExecute "MsgBox" & " 1"\nEnd If',
        'Function f(n)\nIf n = 1 Then\nf = "no"\nElse\nf = "MsgBox 1"\nEnd If\nEnd Function\nExecute f(2)',
    ],
)
def test_ways_to_say_it(text: str) -> None:
    state = State()
    VbScript(text, state).read()
    assert ("vbscript", "MsgBox 1") in state.layers


@pytest.mark.parametrize(
    "bomb",
    [
        'a = "x"\nFor i = 1 To 100\na = a & a\nNext',
        "For i = 1 To 100000000\nFor j = 1 To 1000000\nx = i + j\nNext\nNext",
        "Do\nx = x & 1\nLoop",
        'Do While 1 = 1\nx = x & "1"\nLoop',
    ],
)
def test_bombs_cost_little_and_hide_nothing_behind_them(bomb: str) -> None:
    state = State()
    began = time.process_time()
    VbScript(bomb + '\nExecute "be" & "hind"', state).read()
    assert time.process_time() - began < 4
    assert ("vbscript", "behind") in state.layers


@given(st.lists(st.sampled_from(["a", "=", "(", ")", "&", '"x"', "1", "\n", "for", "next", "if", "then", "else", "end", "function",
                                 "do", "loop", "each", "in", "to", "execute", "exit", "while", "dim"]), max_size=60))  # fmt: skip
def test_any_tokens(words: list[str]) -> None:
    VbScript(" ".join(words), State()).read()
