from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.html.folding import Folder

GOAL = "the text that is put together"


def folded(*scripts: str) -> list[str]:
    folder = Folder()
    for script in scripts:
        folder.feed(script)
    folder.finish()
    return [each.text for each in folder.account.built]


@pytest.mark.parametrize(
    "script",
    [
        "x = 'the text ' + 'that is put ' + 'together'",
        "var x = 'the text '\nx += 'that is put '\nx += 'together'\n",
        "x = 'the text '; y = x + 'that is put '; f(y + 'together')",
        "x = ['the text ', 'that is put ', 'together'].join('')",
        "x = ['the', 'text', 'that', 'is', 'put', 'together']; y = x.join(' ')",
        "x = []; x.push('the text ', 'that is put '); x.push('together'); f(x.join(''))",
        "x = new Array(); x[0] = 'the text '; x[1] = 'that is put '; x[2] = 'together'; y = x.join('')",
        "f('rehtegot tup si taht txet eht'.split('').reverse().join(''))",
        "x = 'the#text#that#is#put#together'.replace(/#/g, ' ')",
        "x = 'the text '.concat('that is put ', 'together')",
        "(function(){ var a = 'the text ', b = 'that is put together'; return g(a + b) })();",
        "o.part.one = 'the text '; o.part.one += 'that is put together';",
        "x = `the text `; y = `${x}that is put together`",
        "a = b = 'the text that is put together'",
        "f(unknown() + 'the text ' + 'that is put together')",
        "x = 'the text that is put together'; x.name = 'other'; y[x] = 1",
        "if (a < b) { x = 'the text ' } x += 'that is put together'",
        "x = window['at' + 'ob']('dGhlIHRleHQgdGhhdCBpcyBwdXQgdG9nZXRoZXI=')",
        "x = (('the text ') + (('that is put ' + 'together')))",
        "for (var i = 0; i < 3; i++) { f(i) }; x = 'the text ' + 'that is put together'",
    ],
)
def test_what_a_script_builds(script: str) -> None:
    assert GOAL in folded(script)


def test_scripts_share_variables() -> None:
    assert GOAL in folded("a = 'the text '", "b = a + 'that is put together'")


def test_pieces_that_were_joined_are_not_reported() -> None:
    pieces = "a = 'the text that is '; b = 'put together'; c = a + b"
    assert folded(pieces) == [GOAL]


def test_names_of_downloads() -> None:
    folder = Folder()
    folder.feed("a.download = 'in' + 'voice.zip'; navigator.msSaveBlob(b, 'c.zip')")
    assert folder.account.names == ["invoice.zip", "c.zip"]


@pytest.mark.parametrize(
    "script",
    [
        "a='" + "x" * 999 + "';" + "a+=a;" * 60,
        "a='" + "x" * 99_999 + "';b=[" + "a," * 10_000 + "].join('')",
        "a='" + "x" * 99_999 + "'.replace(/x/g,'" + "y" * 99_999 + "')",
        "a=['x'];" + "a=a.concat(a);" * 60,
    ],
)
def test_bombs_end_at_a_limit_and_hide_nothing(script: str) -> None:
    folder = Folder()
    with pytest.raises(LimitExceeded):
        folder.feed(f"z='{GOAL}';" + script)
    folder.finish()
    assert GOAL in [each.text for each in folder.account.built]


def test_deep_brackets() -> None:
    folder = Folder()
    folder.feed("f(a+" * 50_000)
    folder.feed("[" * 50_000 + "]" * 50_000 + "}" * 9 + ")" * 9)


@given(
    st.lists(
        st.sampled_from(
            [
                *"()[]{}+=,;.:?'\"`/1a",
                "+=",
                "'long enough to be looked at'",
                "a.push(",
                ".join(''",
                "new Blob([",
                "atob(",
                "var ",
                "[77,90,144,0,3]",
                ".split('')",
                ".reverse()",
                "return ",
            ]
        ),
        max_size=60,
    )
)
def test_any_script(tokens: list[str]) -> None:
    folder = Folder()
    folder.feed("".join(tokens))
    folder.finish()
