from __future__ import annotations

import hashlib

import pytest
from tests.engines.scripts import samples

from lazaretto.scripting import analysis
from lazaretto.scripting.analysis import Analysis, analysed, rewritten, text_of


def read(text: str | bytes, kind: str = "text/javascript") -> Analysis:
    data = text.encode() if isinstance(text, str) else text
    return analysed(hashlib.sha256(data).hexdigest(), kind, data)


def test_layers() -> None:
    found = read(
        'var s=new ActiveXObject("WScr"+"ipt.Shell");s.Run("powershell -enc ' + samples.encoded("iex 'a'+'bcd'") + '")'
    )
    assert [(layer.language, layer.depth) for layer in found.layers[:2]] == [("javascript", 0), ("powershell", 1)]
    assert 'ActiveXObject("WScript.Shell")' in found.layers[0].text
    assert found.is_hidden


def test_a_shortcut_is_a_command_line() -> None:
    found = read(samples.shortcut("cmd.exe", "/c p^o^w^ershell -c 1"), analysis.SHORTCUT)
    assert found.language == "batch"
    assert "powershell -c 1" in found.text


def test_it_is_made_once() -> None:
    assert read("a = 1 + 'once'") is read("a = 1 + 'once'")
    assert read("a = 1 + 'once'", "text/vbscript") is not read("a = 1 + 'once'")


def test_scripts_in_scripts_end() -> None:
    text = "alert(1)"
    for _ in range(20):
        text = (
            "eval(unescape('"
            + "".join(f"%{ord(each):02x}" if at < 3 else each for at, each in enumerate(text)).replace("'", "%27")
            + "'))"
        )
    assert read(text).layers[-1].depth <= 13


def test_rewritten_takes_the_outermost() -> None:
    assert rewritten("a+b;c", {0: (3, '"ab"'), 2: (3, '"b"'), 4: (5, "C")}) == '"ab";C'
    assert len(rewritten("abc" * 10, dict.fromkeys(range(0, 30, 3), (0, "x" * 2**18)))) < 2**20


@pytest.mark.parametrize("coded", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_character_sets(coded: str) -> None:
    assert text_of("eval(abc) // some text".encode(coded)) == "eval(abc) // some text"
