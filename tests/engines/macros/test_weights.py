"""Each heuristic has a source that shows it and one like it that does not."""

from __future__ import annotations

import pytest
from tests.engines.macros import samples
from tests.office import vbamake as make

from lazaretto.engines.macros import Macros, xlm
from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import load
from lazaretto.office.biff import Cell
from lazaretto.testing import artifact

WEIGHTS = load()
# Those that only a whole file shows are tried in the modules named.
ELSEWHERE = {
    "hide.stomped": "test_vba.py",
    "hide.stray": "test_vba.py",
    "see.protected": "test_vba.py",
    "see.reference": "test_vba.py",
    "hide.sheet": "test_xlm.py",
    "autorun.elsewhere": "test_xlm.py",
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


def grade(source: str) -> str:
    (finding,) = Macros(Macros.Settings()).inspect(artifact(make.project(source)))
    return finding.name


@pytest.mark.parametrize("name", sorted(samples.HOSTILE))
def test_hostile_shapes(name: str) -> None:
    assert grade(samples.HOSTILE[name]) in ("macro.vba.suspicious", "macro.vba.malicious")


def test_most_hostile_shapes_are_malicious() -> None:
    found = [name for name, source in samples.HOSTILE.items() if grade(source) == "macro.vba.malicious"]
    assert len(found) >= 0.7 * len(samples.HOSTILE), sorted(samples.HOSTILE.keys() - set(found))


@pytest.mark.parametrize("name", sorted(samples.HARMLESS))
def test_harmless_ones(name: str) -> None:
    assert grade(samples.HARMLESS[name]) == "macro.vba.present"


def test_enough_samples() -> None:
    assert len(samples.HOSTILE) >= 30
    assert len(samples.HARMLESS) >= 30
