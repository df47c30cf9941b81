"""The table of heuristics: what they look for and weigh (``weights.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

_TELLING = 8  # letters: a word that long is looked for as a member of an object, too


@dataclass(frozen=True, slots=True)
class Heuristic:
    id: str
    does: str
    weight: int
    says: str
    docs: str
    weak: bool


@dataclass(slots=True)
class Weights:
    heuristics: dict[str, Heuristic] = field(default_factory=dict)
    subs: dict[str, str] = field(default_factory=dict)  # word to id, in each of these
    endings: tuple[tuple[str, str], ...] = ()  # of names of procedures: "_layout"
    calls: dict[str, str] = field(default_factory=dict)  # one word, ".word" as a member
    pairs: dict[tuple[str, str], str] = field(default_factory=dict)  # two words, one behind the other
    texts: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    suspicious: int = 0
    malicious: int = 0


def load() -> Weights:
    document = tomllib.loads((files("lazaretto.engines.macros") / "weights.toml").read_text("utf-8"))
    found = Weights(suspicious=document["grade"]["suspicious"], malicious=document["grade"]["malicious"])
    endings: list[tuple[str, str]] = []
    for each in document["heuristic"]:
        name = each["id"]
        found.heuristics[name] = Heuristic(
            name, each["does"], each["weight"], each["says"], each["docs"], "weak" in each
        )
        endings += ((word[1:], name) for word in _words(each, "subs") if word.startswith("*"))
        found.subs.update((word, name) for word in _words(each, "subs") if not word.startswith("*"))
        for word in _words(each, "calls"):
            before, _, last = word.rpartition(".")
            if before:
                found.pairs[before, last] = name
            else:
                found.calls[word] = name
                # Functions of Windows are no members of anything: BasicLibraries.LoadLibrary is OpenDocument's own.
                if len(word) >= _TELLING and not word.startswith(".") and each["does"] != "inject":
                    found.calls["." + word] = name
        found.texts.update((word, name) for word in _words(each, "texts"))
        found.functions.update((word, name) for word in _words(each, "functions"))
    found.endings = tuple(endings)
    return found


def _words(entry: Mapping[str, Sequence[str]], key: str) -> Sequence[str]:
    return entry.get(key, ())
