from __future__ import annotations

import time

import pytest

from lazaretto.scripting.ecmascript import EcmaScript
from lazaretto.scripting.values import State


def read(text: str) -> State:
    state = State()
    EcmaScript(text, state).read()
    return state


def test_loops() -> None:
    assert read("var r='';for(var i=0;i<3;i++){r+=i}").read("r") == "012"
    assert read("var r='';for(var k of ['a','b'])r+=k;").read("r") == "ab"
    assert read("var r='',i=0;while(i<2){r+='x';i++}").read("r") == "xx"


def test_functions_before_their_definition() -> None:
    assert read("x=f('ab');function f(s){return s.split('').reverse().join('')}").read("x") == "ba"


def test_conditions_in_calls() -> None:
    text = "function f(n){if(n==1){return 'one'}else if(n==2){return 'two'}else{return 'more'}} x=f(%d)"
    assert [read(text % number).read("x") for number in (1, 2, 3)] == ["one", "two", "more"]


def test_both_branches_are_looked_at() -> None:
    assert read("if(a){eval('first()')}else{eval('second()')}").layers == [
        ("javascript", "first()"),
        ("javascript", "second()"),
    ]


@pytest.mark.parametrize(
    "bomb",
    [
        "for(;;){}",
        "while(1){}",
        "for(i=0;i<1e9;i++){for(j=0;j<1e9;j++){x=j+i}}",
        "function f(a){f(a+'x');f(a+'y');f(a+'z')} f('a');f('b')",
        "var a='x';for(i=0;i<100;i++){a+=a}",
        "var a=['x'];for(i=0;i<100;i++){a=a.concat(a)}",
    ],
)
def test_bombs_cost_little_and_hide_nothing_behind_them(bomb: str) -> None:
    began = time.process_time()
    state = read(bomb + ";eval('behind' + '()')")
    assert time.process_time() - began < 3
    assert ("javascript", "behind()") in state.layers


def test_the_rest_of_a_long_script_is_glanced_at() -> None:
    assert ("javascript", "behind()") in read("a(b,c);" * 30_000 + "eval('beh'+'ind()')").layers
