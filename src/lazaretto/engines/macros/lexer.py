"""Basic as a row of words: Visual Basic, StarBasic, and the formulas of Excel, which differ little for this purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Strings, comments, ends of lines (one that a "_" continues is \x01), words with the point before them, numbers,
# operators.  A doubled quote inside a string gives two strings without anything between them.
_TOKEN = re.compile(
    r"\"[^\"\n\x01]*+\"?|'[^\n]*+|[\n\x01]|\.?[^\W\d]\w*+|&[hH][0-9A-Fa-f]++|&[oO][0-7]++|\d++(?:\.\d++)?|[&+()=,:^*/\\<>;-]"
)
_CONTINUED = re.compile(r"[ \t]_[ \t]*\r?\n")
_HEAD = re.compile(r"(?:[ \t]*+Attribute VB_[^\n]*+\n)+", re.IGNORECASE)


class Statement(NamedTuple):
    line: int  # counted as an editor does, that is without what says how the module is stored
    words: list[str]  # as written
    lower: list[str]


def statements(source: str) -> Iterator[Statement]:
    """Logical lines with something in them, without comments."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if head := _head(source):
        source = source[head:]
    if " _" in source or "\t_" in source:
        source = _CONTINUED.sub(" \x01", source)
    line = 1
    # One physical line at a time: a list of all words of two megabytes is a lot of memory.
    for text in source.split("\n"):
        if text and not text.isspace():
            words = _TOKEN.findall(text)
            if words and not words[0].startswith("'") and words[0] not in ("Rem", "REM", "rem", "Attribute"):
                if words[-1].startswith("'"):
                    words.pop()
                if "\x01" in words:
                    words = [each for each in words if each != "\x01"]
                if words:
                    lower = [each.lower() for each in words]
                    if ":" in lower or "then" in lower or ("," in lower and "const" in lower[:2]):
                        yield from _apart(line, words, lower)
                    else:
                        yield Statement(line, words, lower)
            line += text.count("\x01")
        line += 1


def _apart(line: int, words: list[str], lower: list[str]) -> Iterator[Statement]:
    """[MS-VBAL] 5.4, 5.4.2.9 and 5.2.3.2: what a colon, Then and Else keep apart on one line, and constants in a row.
    Within brackets none does: that is a cell range of Excel, or the name of an argument (":=")."""
    is_row = "const" in lower[:2]
    depth = start = 0
    for at, word in enumerate(lower):
        depth = max(0, depth + (word == "(") - (word == ")"))
        if depth:
            continue
        if word in ("then", "else"):
            stop = at + 1
        elif (word == ":" and lower[at + 1 : at + 2] != ["="]) or (word == "," and is_row):
            stop = at
        else:
            continue
        if stop > start:
            yield Statement(line, words[start:stop], lower[start:stop])
        start = at + 1
        if lower[start : start + 1] == ["rem"]:
            return
        if word == "," and is_row:
            words[at], lower[at], start = "Const", "const", at
    if start < len(words):
        yield Statement(line, words[start:], lower[start:])


def _head(source: str) -> int:
    """Where the lines end that say how the module is stored: those of a class have a block before them."""
    at = 0
    if source.startswith("VERSION ") and (end := source.find("\nEnd\n", 0, 4096)) >= 0:
        at = end + 5
    found = _HEAD.match(source, at)
    return found.end() if found else at
