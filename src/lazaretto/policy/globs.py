"""Lists of shell patterns (``*@sales.example``, ``*.exe``): compiled once, asked often."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import translate

_WILD = frozenset("*?[")


@dataclass(frozen=True)
class Globs:
    """``texts`` in lower case; case never counts.  An empty list matches nothing."""

    texts: tuple[str, ...] = ()
    _plain: frozenset[str] = field(init=False, repr=False, compare=False)
    _wild: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # fnmatch.translate gives atomic groups for the stars: time stays linear in the length of hostile text.
        wild = [translate(text) for text in self.texts if not _WILD.isdisjoint(text)]
        object.__setattr__(self, "_plain", frozenset(text for text in self.texts if _WILD.isdisjoint(text)))
        object.__setattr__(self, "_wild", re.compile("|".join(wild)) if wild else None)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def match(self, text: str) -> bool:
        text = text.lower()
        return text in self._plain or bool(self._wild and self._wild.match(text))

    def include(self, other: Globs) -> bool:
        """True when it is certain that everything ``other`` matches is matched by this list.  (A star takes
        any text, so also the wildcards of the other's pattern; nothing so simple holds for ? and [ ].)"""
        stars = Globs(tuple(text for text in self.texts if _WILD.isdisjoint(text.replace("*", ""))))
        return all(text in self.texts or ("[" not in text and stars.match(text)) for text in other.texts)


def problems(texts: Iterable[str]) -> list[str]:
    """What is wrong with these patterns, one sentence each."""
    found = []
    for text in texts:
        if not text.strip():
            found.append("a pattern is empty: write * to match everything")
        elif "[" in text and "]" not in text[text.index("[") + 2 :]:
            found.append(f"the pattern {text!r} has a [ without its ]: write [[] to match a [ itself")
    return found
