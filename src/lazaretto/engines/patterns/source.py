"""YARA source as text: which rules it has, and what it includes.

A compiler names the rules it takes and the lines it does not understand; to say which rules are missing, and to give
those a second chance that a mistake before them has swallowed, one must know where each begins.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MOST_INCLUDED = 64 << 20  # characters of one file with all that it includes: files that include each other double

# Each alternative takes something whole, to the end of its line or of the text where it is not closed.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.?)*"?|/\*[\s\S]*?(?:\*/|\Z)|//[^\n]*|/(?:[^/\\\n]|\\.?)*/?')
_HEADER = re.compile(r"^[ \t]*(?:(?:private|global)[ \t]+){0,2}rule[ \t]+([A-Za-z_]\w*)", re.M)
_IMPORT = re.compile(r'^[ \t]*import[ \t]+"([ ]*)"', re.M)
_INCLUDE = re.compile(r'^[ \t]*include[ \t]+"([ ]*)"', re.M)


@dataclass(frozen=True, slots=True)
class Header:
    """Where a rule begins."""

    name: str
    line: int  # in the text, from 1
    start: int


@dataclass(slots=True)
class Source:
    """One file with what it includes, and where each line of it came from."""

    text: str = ""
    places: list[tuple[Path, int]] = field(default_factory=list)
    refused: list[tuple[Path, int, str]] = field(default_factory=list)  # includes that cannot be followed
    included: set[Path] = field(default_factory=set)

    def headers(self) -> list[Header]:
        plain = bare(self.text)
        found, line, at = [], 1, 0
        for match in _HEADER.finditer(plain):
            line += plain.count("\n", at, match.start(1))
            at = match.start(1)
            found.append(Header(match[1], line, match.start()))
        return found

    def imports(self) -> list[str]:
        found = _IMPORT.finditer(bare(self.text))
        return list(dict.fromkeys(self.text[match.start(1) : match.end(1)] for match in found))


def bare(text: str) -> str:
    """The text with blanks in place of comments, regular expressions and what strings say, every line where it was."""
    return _TOKEN.sub(_blank, text)


def _blank(token: re.Match[str]) -> str:
    text = token[0]
    if text.startswith('"') and len(text) > 1 and text.endswith('"'):
        return f'"{" " * (len(text) - 2)}"'
    return "".join("\n" if char == "\n" else " " for char in text) if "\n" in text else " " * len(text)


def gather(file: Path, root: Path, read: Callable[[Path], str]) -> Source:
    """The file with every ``include`` replaced by what it names: a file beside it or below ``root``, never outside,
    for whoever writes a rule set must not choose what else is read."""
    source, lines, size = Source(), list[str](), 0
    stack = [(file, _lines(read(file)))]
    while stack:
        current, rest = stack[-1]
        for number, line, wanted in rest:
            target, why = _resolve(wanted, current, root) if wanted else (None, "")
            if target and any(target == each for each, _ in stack):
                target, why = None, f"include {wanted!r} goes round in a circle"
            if target and size > MOST_INCLUDED:
                target, why = None, f"include {wanted!r}: more than {MOST_INCLUDED >> 20} MiB are included already"
            if target:
                source.included.add(target)
                stack.append((target, _lines(read(target))))
                break
            if why:
                source.refused.append((current, number, why))
            size += len(line)
            lines.append("" if wanted else line)
            source.places.append((current, number))
        else:
            stack.pop()
    source.text = "\n".join(lines)
    return source


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, line, and the name of the file that it includes."""
    wanted = {}
    if "include" in text:
        plain = bare(text)
        for match in _INCLUDE.finditer(plain):
            wanted[plain.count("\n", 0, match.start(1)) + 1] = text[match.start(1) : match.end(1)]
    for number, line in enumerate(text.split("\n"), 1):
        yield number, line, wanted.get(number, "")


def _resolve(wanted: str, current: Path, root: Path) -> tuple[Path | None, str]:
    inside = root.resolve()
    for place in (current.parent / wanted, root / wanted):
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # too long, zero bytes, links in a circle
            target = place.resolve()
            if target.is_relative_to(inside) and target.is_file():
                return root / target.relative_to(inside), ""
    return None, f"include {wanted!r}: no such file in {root}"
