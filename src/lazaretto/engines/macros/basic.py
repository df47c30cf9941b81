"""Source in Basic, of Office or of OpenDocument: what it calls, says and hides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from lazaretto.engines.macros.folding import Folder
from lazaretto.engines.macros.lexer import Statement, statements
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.texts import Texts

_DECLARING = frozenset(
    {"dim", "set", "byval", "byref", "const", "as", "public", "private", "static", "sub", "function"}
)
_DECLARING |= {"let", "redim", "property", "optional", "end", "exit", "get", "#"}
_LOOPS = frozenset({"for", "do", "while"})
_CHARACTERS = frozenset({"chr", "chrw", "chrb"})
_PARTS = frozenset({"asc", "ascw", "xor", "mid", "midb"})
_UNSPEAKABLE = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}|(?:[a-z]+\d+){3}|^[a-z](?:[bcdfghjklmnpqrstvwxz]{4,}|\d{5,})")
_ROW = 20  # strings joined in one statement
_SHORT = 8  # letters of each, at most
_CHARS = 8
_NUMBERS = 48
_AHEAD = 1 << 18  # characters
_MOST = 200_000  # statements of one project: three times what two megabytes have that somebody wrote
_MAKERS = frozenset({"createobject", ".createobject"})
_ARGUMENT = 64  # words of an argument that are looked at
_LITERAL = 6  # letters of a text that something is made of, with its quotes
# Where a document keeps a text that its reader sees, and what makes text of bytes.
_KEPT = frozenset({"range", "cells", "activedocument", "thisdocument", "thisworkbook", "strconv"})
_KEPT |= {
    ".range",
    ".cells",
    ".value",
    ".value2",
    ".text",
    ".caption",
    ".tag",
    ".paragraphs",
    ".alternativetext",
    ".xml",
}


class Basic:
    """Sources of one project.  Variables of one module are known in the next, as constants are."""

    def __init__(self, signs: Signs, named: Mapping[str, str] | None = None) -> None:
        """``named``: texts that the document keeps for the code, by name."""
        self._signs, self._folder, self._texts = signs, Folder(named), Texts()
        self._stored = Texts(stored=True)
        weights = signs.sheet
        self._calls, self._pairs, self._subs, self._endings = (
            weights.calls,
            weights.pairs,
            weights.subs,
            weights.endings,
        )
        lasts = {last for _, last in self._pairs}
        self._functions: set[str] = set()  # of the project
        self._decoded: set[str] = set()  # variables with what one of these has made of a text
        self._left, self._is_cut = _MOST, False
        self._triggers = frozenset(
            {*_MAKERS, ".attachedtemplate", *self._calls, *lasts, *("." + last for last in lasts)}
        )
        self._growing: dict[str, tuple[str, str]] = {}  # by variable: what has been put together so far, and where
        self._names: set[str] = set()
        self._procedure: set[str] = set()  # what the one that is being read has
        self.lines = 0

    @property
    def exhausted(self) -> bool:
        return self._is_cut or self._folder.exhausted or self._texts.full or self._stored.full

    def prepare(self, sources: list[str]) -> None:
        """Constants, and functions that give back a text, are used before the line that says what they are.  Only in
        projects of the size that people write: twice the time for others would be long."""
        if sum(map(len, sources)) > _AHEAD:
            return
        lasting: set[str] = set()
        ahead = Folder()
        for source in sources:
            for _, words, lower in statements(source):
                for before, name in pairwise(lower[:5]):
                    if before == "function" and lower[0] not in ("end", "exit", "declare"):
                        self._functions.add(name)
                    if before in ("const", "function") or (before == "get" and lower[0] != "get"):
                        lasting.add(name)
                ahead.fold(words, lower)
        self._folder.variables.update((name, ahead.variables[name]) for name in lasting & ahead.variables.keys())

    def read(self, module: str, source: str) -> None:
        last = 0
        for statement in statements(source):
            self.lines += statement.line != last
            last = statement.line
            self._left -= 1
            if self._left < 0:
                self._is_cut = True
                return
            self._statement(module, statement)

    def _statement(self, module: str, statement: Statement) -> None:
        line, words, lower = statement
        if not self._triggers.isdisjoint(lower):
            self._called(f"{module}:{line}", words, lower)
        if lower[0] in _DECLARING or "sub" in lower[:3] or "function" in lower[:3]:
            self._declared(f"{module}:{line}", words, lower)
        is_telling = False
        for word in words if "declare" not in lower[:3] else ():  # the library of a Declare is no file that is written
            if word[0] == '"':
                is_telling = True
                if len(word) > 4:
                    self._texts.add(word[1:-1] if word[-1] == '"' else word[1:], f"{module}:{line}")
        if lower[1:2] == ["="] and self._makes(words, set(lower[2:])):
            self._decoded.add(lower[0])
        chars = not _CHARACTERS.isdisjoint(lower)
        if chars or not _PARTS.isdisjoint(lower):
            self._procedure.update(lower)
        elif not _LOOPS.isdisjoint(lower):
            self._procedure.add("for")
        if len(words) > _NUMBERS:
            self._numbers(f"{module}:{line}", lower)
        if (
            is_telling
            or chars
            or (("&" in words or "+" in words) and not self._folder.variables.keys().isdisjoint(lower))
        ):
            self._fold(f"{module}:{line}", words, lower)

    def _fold(self, where: str, words: list[str], lower: list[str]) -> None:
        folder = self._folder
        before = (folder.chars, folder.reversed, folder.replaced)
        folder.row = 0
        for text in folder.fold(words, lower):
            self._made(text.replace("\n", " "), where)
        if folder.chars >= _CHARS > before[0]:
            self._signs.add("hide.chr", where, "Chr")
        if folder.reversed > before[1]:
            self._signs.add("hide.reverse", where, "StrReverse")
        if folder.replaced > before[2]:
            self._signs.add("hide.replace", where, "Replace")
        if folder.row >= _ROW:
            strings = [len(word) - 2 for word in words if word[0] == '"']
            if len(strings) >= _ROW and sum(strings) <= _SHORT * len(strings):
                self._signs.add("hide.joined", where, f"{len(strings)} strings")

    def _made(self, text: str, where: str) -> None:
        """A text that grows line by line is of interest once, when it is whole."""
        target = self._folder.target
        before = self._growing.get(target)
        if before and not text.startswith(before[0]):
            self._texts.add(*before, joined=True)
        self._growing[target] = (text, where)

    def _called(self, where: str, words: list[str], lower: list[str]) -> None:
        declares = "declare" in lower[:3]
        for at, word in enumerate(lower):
            if word in _MAKERS and self._is_decoded(*_argument(words, lower, at + 1)):
                self._signs.add("execute.decoded", where, words[at].lstrip("."))
            elif word == ".attachedtemplate" and lower[at + 1 : at + 2] == ["="] and _is_elsewhere(words, at + 2):
                self._signs.add("execute.template", where, words[at + 2])
            before = lower[at - 1] if at else ""
            if (found := self._pairs.get((before.lstrip("."), word.lstrip(".")))) and before:
                self._signs.add(found, where, f"{words[at - 1].lstrip('.')} {words[at].lstrip('.')}")
            elif (found := self._calls.get(word)) is None:
                continue
            elif word[0] == "." or declares or not self._is_name(lower, at, before):
                self._signs.add(found, where, words[at].lstrip("."))

    def _is_decoded(self, words: list[str], lower: list[str]) -> bool:
        """Whether what an object is made of is the work of one of the project's own functions, or stands elsewhere in
        the document.  A name that a function is given, or one of a row, is what honest code has."""
        seen = set(lower)
        if not seen.isdisjoint(self._decoded) or not seen.isdisjoint(_KEPT):
            return True
        return self._makes(words, seen)

    def _makes(self, words: list[str], seen: set[str]) -> bool:
        """A function of the project that is given a text, or a row of numbers."""
        if seen.isdisjoint(self._functions):
            return False
        return "array" in seen or any(word[0] == '"' and len(word) >= _LITERAL for word in words)

    @staticmethod
    def _is_name(lower: list[str], at: int, before: str) -> bool:
        """Whether the word is somebody's own variable or procedure, by what stands beside it."""
        behind = lower[at + 1] if at + 1 < len(lower) else ""
        return before in _DECLARING or (behind == "=" and at == 0) or behind == "as"

    def _declared(self, where: str, words: list[str], lower: list[str]) -> None:
        if "declare" in lower[:3]:
            for word in words:
                if word[0] == '"' and (found := self._calls.get(word.strip('"').lower())):
                    self._signs.add(found, where, word.strip('"'))
            return
        for at, word in enumerate(lower[:4]):
            if word in ("sub", "function"):
                if at and lower[at - 1] == "end":
                    self._finish(where)
                elif at + 1 < len(lower) and (not at or lower[at - 1] != "exit"):
                    self._procedure = set()
                    self._starts(where, words[at + 1], lower[at + 1])
                    if word == "function":
                        self._functions.add(lower[at + 1])
            elif word == "dim" and at + 1 < len(lower):
                self._names.add(lower[at + 1])

    def _starts(self, where: str, written: str, name: str) -> None:
        self._names.add(name)
        if found := self._subs.get(name):
            self._signs.add(found, where, written)
        elif not name.startswith("userform_"):
            for ending, found in self._endings:
                if name.endswith(ending) and len(name) > len(ending):
                    self._signs.add(found, where, written)

    def _finish(self, where: str) -> None:
        seen = self._procedure
        if not _LOOPS.isdisjoint(seen) and not _CHARACTERS.isdisjoint(seen) and not _PARTS.isdisjoint(seen):
            self._signs.add("hide.decoder", where)
        self._procedure = set()

    def _numbers(self, where: str, lower: list[str]) -> None:
        if "array" in lower and sum(word.isdigit() for word in lower) >= _NUMBERS:
            self._signs.add("hide.encoded", where, "Array")

    def texts(self, literals: Iterable[tuple[str, str]]) -> None:
        """Strings from elsewhere: text and where it stands."""
        for text, where in literals:
            self._texts.add(text, where)

    def stored(self, literals: Iterable[tuple[str, str]]) -> None:
        """Texts outside the code that it may read, as they stand and backwards."""
        for text, where in literals:
            self._stored.add(text, where)
            self._stored.add(text[::-1], where, joined=True)

    def finish(self) -> None:
        """After the last source."""
        for text, where in self._growing.values():
            self._texts.add(text, where, joined=True)
        self._texts.search(self._signs)
        self._stored.search(self._signs)
        names = [name for name in self._names if len(name) >= 7]
        odd = sum(_UNSPEAKABLE.search(name) is not None for name in names)
        if odd >= 5 and odd * 2 >= len(names):
            self._signs.add("hide.names", "", f"{odd} of {len(names)} names")


def _argument(words: list[str], lower: list[str], at: int) -> tuple[list[str], list[str]]:
    """What stands in the brackets that begin there; nothing when none do."""
    depth = 0
    for end in range(at, min(len(lower), at + _ARGUMENT)):
        depth += (lower[end] == "(") - (lower[end] == ")")
        if not depth:
            return words[at + 1 : end], lower[at + 1 : end]
    return words[at + 1 : at + _ARGUMENT], lower[at + 1 : at + _ARGUMENT]


def _is_elsewhere(words: list[str], at: int) -> bool:
    return at < len(words) and words[at].lower().startswith(('"http:', '"https:'))
