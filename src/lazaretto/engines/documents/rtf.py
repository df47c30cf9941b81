"""Signs in the words of RTF itself: what its objects are told to do, and what no program writes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lazaretto.engines.documents.cases import Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.engines.documents.ole import Classes
from lazaretto.errors import LimitExceeded

_LONGEST = 1 << 25  # bytes that are looked at
_MATCHES = 200_000  # of one kind of word
_WINDOW, _ALL_WINDOWS = 1 << 16, 1 << 26  # bytes behind the beginning of an object's digits; of all of them
_RUN = 64  # backslashes in front of a word that are counted
# The words, each behind an even number of backslashes: a backslash behind a backslash is text.
_OBJECT_WORDS = re.compile(rb"\\obj([a-z]{2,16})")
_SIZES = re.compile(rb"\\obj[wh](\d{1,6})")
_CLASS = re.compile(rb"\\objclass[ \r\n]{1,8}([^{}\\]{1,200})")
_DATA = re.compile(rb"\\objdata(?![a-z])")
_NUMBERS = re.compile(rb"\\listoverridecount(\d{1,9})")
_HONEST_OVERRIDES = frozenset({0, 1, 9})  # RTF 1.9.1, "List Override Table"
_FRAGMENTS = re.compile(rb"\\sn[ \r\n]{1,8}pFragments")
_FIELD = re.compile(rb"\\fldinst")
_DIGITS = re.compile(rb"[0-9A-Fa-f]+")
_OTHER = re.compile(rb"\\bin\d|\\'|\\[a-z*~|_-]|\{")
_LEAST = 64  # digits that say something about how they are written
_FONTS, _MOST_FONTS = re.compile(rb"\\f\d"), 30_000
_FETCHES = re.compile(rb"\b(?:INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b", re.IGNORECASE)
_ADDRESS = re.compile(rb"https?:|\\\\\\\\|file:", re.IGNORECASE)
_FIELD_LONGEST = 600
_MOST_FRAGMENTS = 400  # digits
_SMALL = 30  # twentieths of a point


def look(case: Case, signs: Signs, classes: Classes) -> None:
    """Raises LimitExceeded at its end when not all was looked at."""
    reader = _Reader(case.artifact.data[:_LONGEST], signs)
    reader.head()
    reader.object_words()
    reader.class_names(classes)
    reader.digits()
    reader.oversize()
    reader.fields()
    if reader.cut or len(case.artifact.data) > _LONGEST:
        raise LimitExceeded("documents", f"RTF of more than {_LONGEST} bytes, or of too many objects or fields")


class _Reader:
    def __init__(self, data: bytes, signs: Signs) -> None:
        self._data, self._signs = data, signs
        self.cut = False

    def _words(self, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
        for count, found in enumerate(pattern.finditer(self._data)):
            if count >= _MATCHES:
                self.cut = True
                return
            before = self._data[max(0, found.start() - _RUN) : found.start()]
            if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
                yield found

    def head(self) -> None:
        start = self._data[:_WINDOW].lstrip()
        if not start.startswith(b"{\\rtf1"):
            self._signs.add("rtf.header", "", start[:12].decode("latin-1"))

    def object_words(self) -> None:
        words: dict[str, list[str]] = {}
        for each in self._signs.sheet.heuristics.values():
            for word in each.look_for("words"):
                words.setdefault(word, []).append(each.id)
        seen: set[bytes] = set()
        for found in self._words(_OBJECT_WORDS):
            if found[1] not in seen and len(seen) < _RUN:
                seen.add(found[1])
                for name in words.get(f"obj{found[1].decode()}", ()):
                    self._signs.add(name, f"at byte {found.start()}", found[0].decode())
        sizes = [int(found[1]) for found in self._words(_SIZES)]
        if sizes and max(sizes) < _SMALL:
            self._signs.add("rtf.hidden-object", "")

    def class_names(self, classes: Classes) -> None:
        for found in self._words(_CLASS):
            if heuristic := classes.named(found[1].decode("latin-1")):
                self._signs.add(heuristic, "", found[1].decode("latin-1"))

    def digits(self) -> None:
        """Of the objects, to the first that says something."""
        left = _ALL_WINDOWS
        for found in self._words(_DATA):
            end = self._data.find(b"}", found.end(), found.end() + _WINDOW)
            region = self._data[found.end() : end if end >= 0 else found.end() + _WINDOW]
            left -= len(region)
            if left < 0:
                self.cut = True
                return
            if why := _obfuscated(region):
                self._signs.add("rtf.obfuscated", f"at byte {found.start()}", why)
                return

    def oversize(self) -> None:
        """Fields by whose size exploits are known."""
        data = self._data
        for found in self._words(_FRAGMENTS):
            if sum(map(len, _DIGITS.findall(data[found.end() : found.end() + 4_000]))) > _MOST_FRAGMENTS:
                self._signs.add("rtf.oversize", f"at byte {found.start()}", "pFragments")
                break
        for found in self._words(_NUMBERS):
            if int(found[1]) not in _HONEST_OVERRIDES:
                self._signs.add("rtf.oversize", f"at byte {found.start()}", f"listoverridecount {int(found[1])}")
                break
        at = data.find(b"\\fonttbl")
        end = data.find(b"}}", at)
        if at >= 0 and sum(1 for _ in _FONTS.finditer(data, at, end if end >= 0 else len(data))) >= _MOST_FONTS:
            self._signs.add("rtf.oversize", f"at byte {at}", f"more than {_MOST_FONTS} fonts")

    def fields(self) -> None:
        for found in self._words(_FIELD):
            following = self._data.find(b"\\fldinst", found.end(), found.end() + _FIELD_LONGEST)
            end = following if following >= 0 else found.end() + _FIELD_LONGEST
            word = _FETCHES.search(self._data, found.end(), end)
            if word and _ADDRESS.search(self._data, word.end(), end):
                self._signs.add("rtf.picture", f"at byte {found.start()}")
                return


def _obfuscated(region: bytes) -> str:
    """Honest writers break lines and do nothing else."""
    if found := _OTHER.search(region):
        return f"{found[0].decode('latin-1')} among the digits"
    runs = _DIGITS.findall(region)
    digits = sum(map(len, runs))
    if digits >= _LEAST and len(runs) * 16 > digits:
        return f"{len(runs)} pieces of {digits} digits"
    return ""
