from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.ecmascript import EcmaScript
from lazaretto.scripting.values import State


@pytest.mark.parametrize(
    "text",
    [
        'eval("al" + "ert(1)")',
        'eval(")1(trela".split("").reverse().join(""))',
        "eval(unescape('%61lert(1)'))",
        "eval(atob('YWxlcnQoMSk='))",
        "eval([97,108,101,114,116,40,49,41].map(c => String.fromCharCode(c)).join(''))",
        "var a='al',b='ert(1)';eval(`${a}${b}`)",
        "new Function('alert(1)')()",
        "[]['filter']['constructor']('alert(1)')()",
        "setTimeout('alert(1)', 9)",
        "window['eval']('alert(1)')",
        "var p=['ert(1)','al'];(function(a,n){while(--n){a.push(a.shift())}})(p,2);eval(p[0]+p[1])",
        "var o={f:function(s){return s.replace(/#/g,'')}};eval(o.f('a#l#ert(1)'))",
    ],
)
def test_ways_to_say_it(text: str) -> None:
    state = State()
    EcmaScript(text, state).read()
    assert ("javascript", "alert(1)") in state.layers


def test_what_is_written_is_a_page() -> None:
    state = State()
    EcmaScript("document.write('<scr' + 'ipt>a()</script>')", state).read()
    assert state.layers == [("html", "<script>a()</script>")]


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "b",
                "(",
                ")",
                "[",
                "]",
                "{",
                "}",
                ",",
                ";",
                "+",
                "=",
                "=>",
                ".",
                "function",
                "return",
                "for",
                "while",
                "if",
                "else",
                "'x'",
                "1",
                "?",
                ":",
                "`${a}`",
                "new",
            ]
        ),
        max_size=60,
    )
)
def test_any_tokens(words: list[str]) -> None:
    EcmaScript(" ".join(words), State()).read()
