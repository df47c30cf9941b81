"""Signs in the words of RTF itself: what its objects are told to do, and what no program writes."""

from __future__ import annotations

import re

from lazaretto.engines.documents.cases import Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.engines.documents.ole import Classes
from lazaretto.errors import LimitExceeded

_LONGEST = 1 << 25  # bytes that are looked at
_MATCHES = 20_000  # of one kind of word
_OBJECTS = 200  # whose digits are looked at
_WINDOW = 1 << 16
_PLAIN = rb"(?<!\\)(?:\\\\)*"  # a backslash behind a backslash is text
_OBJECT_WORDS = re.compile(rb"%b\\obj([a-z]{2,16})(-?\d{0,6})" % _PLAIN)
_CLASS = re.compile(rb"%b\\objclass[ \r\n]{1,8}([^{}\\]{1,200})" % _PLAIN)
_DATA = re.compile(rb"%b\\objdata(?![a-z])" % _PLAIN)
_DIGITS = re.compile(rb"[0-9A-Fa-f]+")
_OTHER = re.compile(rb"\\bin\d|\\'|\\[a-z*~|_-]|\{")
_LEAST = 64  # digits that say something about how they are written
_NUMBERS = re.compile(rb"%b\\listoverridecount(\d{1,9})" % _PLAIN)
_HONEST_OVERRIDES = frozenset({0, 1, 9})  # RTF 1.9.1, "List Override Table"
_FONTS, _MOST_FONTS = re.compile(rb"\\f\d"), 30_000
_FIELD = re.compile(rb"%b\\fldinst" % _PLAIN)
_FRAGMENTS = re.compile(rb"%b\\sn[ \r\n]{1,8}pFragments" % _PLAIN)
_FETCHES = re.compile(
    rb"\b(?:INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b[^\x00]{0,200}?(?:https?:|\\\\\\\\|file:)", re.IGNORECASE
)
_SMALL = 30  # twentieths of a point


def look(case: Case, signs: Signs, classes: Classes) -> None:
    data = case.artifact.data[:_LONGEST]
    if not data.lstrip().startswith(b"{\\rtf1"):
        signs.add("rtf.header", "", data.lstrip()[:12].decode("latin-1"))
    _object_words(data, signs)
    for count, found in enumerate(_CLASS.finditer(data)):
        if count >= _MATCHES:
            break
        if heuristic := classes.named(found[1].decode("latin-1")):
            signs.add(heuristic, "", found[1].decode("latin-1"))
    for count, found in enumerate(_DATA.finditer(data)):
        if count >= _OBJECTS:
            break
        if why := _obfuscated(data, found.end()):
            signs.add("rtf.obfuscated", f"at byte {found.start()}", why)
    _oversize(data, signs)
    _fields(data, signs)
    if len(case.artifact.data) > _LONGEST:
        raise LimitExceeded("rtf", f"RTF of more than {_LONGEST} bytes")


def _object_words(data: bytes, signs: Signs) -> None:
    words: dict[str, list[str]] = {}
    for each in signs.sheet.heuristics.values():
        for word in each.look_for("words"):
            words.setdefault(word, []).append(each.id)
    seen: set[bytes] = set()
    for count, found in enumerate(_OBJECT_WORDS.finditer(data)):
        if count >= _MATCHES:
            break
        if found[1] not in seen:
            seen.add(found[1])
            for name in words.get(f"obj{found[1].decode()}", ()):
                signs.add(name, f"at byte {found.start()}", f"\\obj{found[1].decode()}")
    sizes = re.findall(rb"\\obj[wh](\d{1,6})", data[:_WINDOW])
    if sizes and max(map(int, sizes)) < _SMALL:
        signs.add("rtf.hidden-object", "")


def _obfuscated(data: bytes, start: int) -> str:
    """Honest writers break lines and do nothing else."""
    end = data.find(b"}", start, start + _WINDOW)
    region = data[start : end if end >= 0 else start + _WINDOW]
    if found := _OTHER.search(region):
        return f"{found[0].decode('latin-1')} among the digits"
    runs = _DIGITS.findall(region)
    digits = sum(map(len, runs))
    if digits >= _LEAST and len(runs) * 16 > digits:
        return f"{len(runs)} pieces of {digits} digits"
    return ""


def _oversize(data: bytes, signs: Signs) -> None:
    fragments = _FRAGMENTS.search(data)
    if fragments and sum(map(len, _DIGITS.findall(data[fragments.end() : fragments.end() + 4_000]))) > 400:
        signs.add("rtf.oversize", f"at byte {fragments.start()}", "pFragments")
    for count, found in enumerate(_NUMBERS.finditer(data)):
        if count >= _MATCHES:
            break
        if int(found[1]) not in _HONEST_OVERRIDES:
            signs.add("rtf.oversize", f"at byte {found.start()}", f"listoverridecount {int(found[1])}")
            break
    at = data.find(b"\\fonttbl")
    if at >= 0 and sum(1 for _ in zip(range(_MOST_FONTS), _FONTS.finditer(data, at), strict=False)) >= _MOST_FONTS:
        end = data.find(b"}}", at)
        table = data[at : end if end >= 0 else len(data)]
        if table.count(b"\\f") >= _MOST_FONTS:
            signs.add("rtf.oversize", f"at byte {at}", f"more than {_MOST_FONTS} fonts")


def _fields(data: bytes, signs: Signs) -> None:
    for count, found in enumerate(_FIELD.finditer(data)):
        if count >= _MATCHES:
            return
        if _FETCHES.search(data, found.end(), found.end() + 600):
            signs.add("rtf.picture", f"at byte {found.start()}")
            return
