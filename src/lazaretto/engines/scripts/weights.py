"""The words of the sheet ``weights.toml``, ready to be looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto import heuristics


@dataclass(frozen=True, slots=True)
class Weights(heuristics.Sheet):
    """Each table has ids of heuristics and the languages that they are for (none: all)."""

    texts: tuple[tuple[str, str, frozenset[str]], ...]
    # The third: words of which one must stand in what the pattern finds.
    patterns: tuple[tuple[re.Pattern[str], str, tuple[str, ...], frozenset[str]], ...]
    needs: dict[str, tuple[str, ...]]  # words of which one must be there, by id


def load() -> Weights:
    sheet = heuristics.load("scripts")
    every = sheet.heuristics.values()
    return Weights(
        sheet.source,
        sheet.heuristics,
        sheet.kinds,
        sheet.suspicious,
        sheet.malicious,
        tuple((word, each.id, _languages(each)) for each in every for word in each.look_for("texts")),
        tuple(
            (re.compile(text), each.id, begins(text), _languages(each))
            for each in every
            for text in each.look_for("patterns")
        ),
        {each.id: each.look_for("needs") for each in every if each.look_for("needs")},
        about=sheet.about,
        once=sheet.once,
    )


def _languages(each: heuristics.Heuristic) -> frozenset[str]:
    return frozenset(each.look_for("languages"))


_BEGINS = re.compile(r"\\b(?:\(\?:([a-z0-9|-]{3,})\)|([a-z0-9]{3,}))(?![?*{])")


def begins(pattern: str) -> tuple[str, ...]:
    """The words that a pattern begins with, where it shows them; "" is in every text.  A text is searched for a word
    far sooner than for a pattern that begins at the edge of a word."""
    found = _BEGINS.match(pattern)
    return tuple((found[1] or found[2]).split("|")) if found else ("",)
