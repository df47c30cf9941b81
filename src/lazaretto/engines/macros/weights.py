"""The words of the sheet ``weights.toml``, ready for the reader of Basic and formulas."""

from __future__ import annotations

from dataclasses import dataclass

from lazaretto import heuristics

_TELLING = 8  # letters: a word that long is looked for as a member of an object, too


@dataclass(frozen=True, slots=True)
class Weights(heuristics.Sheet):
    """Each table has ids of heuristics by what shows them."""

    subs: dict[str, str]  # names of procedures
    endings: tuple[tuple[str, str], ...]  # of names of procedures: "_layout"
    calls: dict[str, str]  # one word, ".word" as a member
    pairs: dict[tuple[str, str], str]  # two words, one behind the other
    texts: dict[str, str]
    functions: dict[str, str]
    lures: tuple[str, ...]  # what asks the reader to switch macros on


def load() -> Weights:
    sheet = heuristics.load("macros")
    every = sheet.heuristics.values()
    subs, calls, texts, functions = (
        {word: each.id for each in every for word in each.look_for(key)}
        for key in ("subs", "calls", "texts", "functions")
    )
    endings = tuple((word[1:], name) for word, name in subs.items() if word.startswith("*"))
    pairs: dict[tuple[str, str], str] = {}
    words: dict[str, str] = {}
    for word, name in calls.items():
        before, _, last = word.rpartition(".")
        if before:
            pairs[before, last] = name
            continue
        words[word] = name
        # Functions of Windows are no members of anything: BasicLibraries.LoadLibrary is OpenDocument's own.
        if len(word) >= _TELLING and not word.startswith(".") and sheet.heuristics[name].does != "inject":
            words["." + word] = name
    return Weights(
        sheet.source,
        sheet.heuristics,
        sheet.kinds,
        sheet.suspicious,
        sheet.malicious,
        {word: name for word, name in subs.items() if not word.startswith("*")},
        endings,
        words,
        pairs,
        texts,
        functions,
        tuple(word for each in every for word in each.look_for("lures")),
        about=sheet.about,
        once=sheet.once,
    )
