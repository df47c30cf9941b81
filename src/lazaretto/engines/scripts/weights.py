"""The words of the sheet ``weights.toml``, ready to be looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lazaretto import heuristics


@dataclass(frozen=True, slots=True)
class Weights(heuristics.Sheet):
    """Each table has ids of heuristics and the languages that they are for (none: all)."""

    texts: tuple[tuple[str, str, frozenset[str]], ...]
    patterns: tuple[tuple[re.Pattern[str], str, frozenset[str]], ...]
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
        tuple((re.compile(text), each.id, _languages(each)) for each in every for text in each.look_for("patterns")),
        {each.id: each.look_for("needs") for each in every if each.look_for("needs")},
    )


def _languages(each: heuristics.Heuristic) -> frozenset[str]:
    return frozenset(each.look_for("languages"))
