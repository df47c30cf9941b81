"""Each heuristic has a source that shows it and one like it that does not."""

from __future__ import annotations

import pytest
from tests.engines.macros import samples

from lazaretto.engines.macros import xlm
from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import load
from lazaretto.office.biff import Cell

WEIGHTS = load()
# Those that only a whole file shows are tried in the modules named.
ELSEWHERE = {
    "hide.stomped": "test_vba.py",
    "hide.stray": "test_vba.py",
    "see.protected": "test_vba.py",
    "see.reference": "test_vba.py",
    "hide.sheet": "test_xlm.py",
    "autorun.elsewhere": "test_xlm.py",
    "autorun.action": "test_around.py",
    "see.action": "test_around.py",
    "lure.enable": "test_around.py",
    "bring.template": "test_around.py",
    "bring.object": "test_around.py",
    "bring.activex": "test_around.py",
    "hide.stored": "test_packages.py",
}


def basic(source: str) -> set[str]:
    signs = Signs(WEIGHTS)
    reader = Basic(signs)
    reader.read("Module1", source)
    reader.finish()
    return set(signs.seen)


def formulas(texts: list[str]) -> set[str]:
    sheets = xlm.Sheets(WEIGHTS)
    sheets.read([Cell("s", f"Z{number}", text, True) for number, text in enumerate(texts, 1)])
    list(sheets.findings(""))
    return set(sheets.signs.seen)


def test_every_heuristic_has_its_samples() -> None:
    assert samples.BASIC.keys() | samples.XLM.keys() | ELSEWHERE.keys() == WEIGHTS.heuristics.keys()


@pytest.mark.parametrize("name", sorted(samples.BASIC))
def test_basic(name: str) -> None:
    positive, negative = samples.BASIC[name]
    assert name in basic(positive)
    assert name not in basic(negative)


@pytest.mark.parametrize("name", sorted(samples.XLM))
def test_excel_4(name: str) -> None:
    positive, negative = samples.XLM[name]
    assert name in formulas(positive)
    assert name not in formulas(negative)


@pytest.mark.parametrize("word", sorted(WEIGHTS.texts))
def test_every_word_is_seen_in_pieces_as_well(word: str) -> None:
    half = len(word) // 2
    first, second = (part.replace('"', '""') for part in (word[:half], word[half:]))
    assert WEIGHTS.texts[word] in basic(f'x = "{first}" & "{second}"')
