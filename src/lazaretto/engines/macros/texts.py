"""Strings of code, as they stand and as they are put together, searched for telling words."""

from __future__ import annotations

import re
from bisect import bisect_right

from lazaretto.engines.macros.signs import Signs

_MOST = 1 << 23  # characters of each kind that are kept
_PROGRAM = re.compile(r"\.(?:exe|dll|vbs|vbe|jse?|wsf|hta|ps1|bat|cmd|scr|cpl|xll|lnk|msi)(?![\w.])")
_HEX = re.compile(r"[0-9A-Fa-f]{40,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")
_NUMBERS = re.compile(r"(?:\d{1,3}[^\w.]){30,}")
_ENCODED = 160  # characters in all
_TRIES = 100
_VARIETY = 8  # different ones at the beginning
# A word that no string has but that appears when strings are joined was hidden only where it does something.
_HIDDEN = frozenset({"execute", "download", "inject"})


class Texts:
    """``stored``: they stand outside the code, where only those words count that nobody writes for readers."""

    def __init__(self, *, stored: bool = False) -> None:
        self._stored = stored
        self._plain: list[str] = []
        self._joined: list[str] = []
        self._places: dict[bool, list[tuple[int, str]]] = {False: [], True: []}
        self._sizes = {False: 0, True: 0}
        self.encoded = 0  # characters of strings that are no words
        self.full = False

    def add(self, text: str, where: str, *, joined: bool = False) -> None:
        if self._sizes[joined] + len(text) > _MOST:
            self.full = True
            return
        (self._joined if joined else self._plain).append(text)
        self._places[joined].append((self._sizes[joined], where))
        self._sizes[joined] += len(text) + 1
        if len(text) >= 40:
            self._weigh(text)

    def _weigh(self, text: str) -> None:
        if (" " in text[:200] and not text[:1].isdigit()) or len(set(text[:200])) < _VARIETY:
            return
        if _HEX.fullmatch(text) or _NUMBERS.search(text):
            self.encoded += len(text)
        elif (found := _BASE64.search(text)) and _mixed(found[0]):
            self.encoded += len(found[0])

    def search(self, signs: Signs) -> None:
        plain, joined = "\n".join(self._plain).lower(), "\n".join(self._joined).lower()
        late: list[tuple[str, str, int]] = []
        early: set[str] = set()
        hidden = {each.id for each in signs.sheet.heuristics.values() if each.does in _HIDDEN}
        for word, name in signs.sheet.texts.items():
            if self._stored and name not in hidden:
                continue
            at = _find(plain, word)
            if at >= 0:
                early.add(name)
                signs.add(name, self._where(at, joined=False), f'"{word.strip()}"')
                if self._stored:
                    signs.add("hide.stored", self._where(at, joined=False), f'"{word.strip()}"')
            elif (at := _find(joined, word)) >= 0:
                late.append((word, name, at))
        for word, name, at in late:
            where = self._where(at, joined=True)
            if name not in early:
                signs.add(name, where, f'"{word.strip()}"')
                if name in hidden:
                    signs.add("hide.stored" if self._stored else "hide.split", where, f'"{word.strip()}"')
        for text, kind in ((plain, False), (joined, True)):
            if found := _PROGRAM.search(text):
                start = max(text.rfind(each, 0, found.start()) for each in "\n \\/")
                shown = text[max(start + 1, found.start() - 40) : found.end()]
                signs.add("write.program", self._where(found.start(), joined=kind), f'"{shown}"')
                break
        if self.encoded >= _ENCODED:
            signs.add("hide.encoded", "", f"{self.encoded} characters")

    def _where(self, at: int, *, joined: bool) -> str:
        places = self._places[joined]
        return places[bisect_right(places, (at, "\U0010ffff")) - 1][1]


def _find(text: str, word: str) -> int:
    """Where it stands as the beginning of a word: "BasicScript" is not cscript."""
    at = text.find(word)
    for _ in range(_TRIES):
        if at < 1 or not (text[at - 1].isalnum() and word[0].isalnum()):
            return at
        at = text.find(word, at + 1)
    return at


def _mixed(text: str) -> bool:
    return any(each.isdigit() for each in text) and not text.islower() and not text.isupper()
