from __future__ import annotations

import hashlib

from lazaretto.engines.scripts import reading
from lazaretto.engines.scripts.signs import Signs
from lazaretto.engines.scripts.weights import load
from lazaretto.scripting.analysis import analysed


def read(text: str, kind: str = "text/vbscript") -> Signs:
    signs = Signs(load())
    data = text.encode()
    reading.read(analysed(hashlib.sha256(data).hexdigest(), kind, data), signs)
    return signs


def test_places_name_the_layer() -> None:
    found = read('Execute StrReverse(")""llehS.tpircSW""(tcejbOetaerC = x teS")')
    assert any("in layer 1" in line for line in found.seen["execute.shell"])
    assert "hide.split" in found.seen


def test_a_word_that_the_source_has_is_not_hidden() -> None:
    assert "hide.split" not in read('Set x = CreateObject("WScript.Shell")').seen


def test_words_begin_where_words_begin() -> None:
    assert "execute.shell" not in read('x = "mywscript.shell"').seen


def test_languages_are_told_apart() -> None:
    assert "execute.run" in read("shell.Run x").seen
    assert "execute.run" not in read("$shell.Run($x)", "text/x-powershell").seen


def test_long_scripts_take_texts_apart_for_good_reason() -> None:
    short = 'x = StrReverse("olleh")\n'
    assert "hide.reverse" in read(short).seen
    assert "hide.reverse" not in read(short + "' comment\n" * 7000).seen
