"""Bodies of ClamAV signatures, taken apart.

Source: ClamAV documentation, "Body-based Signature Content Format".  A body is parts with gaps between them; a
part is a run of cells (a byte under a mask), alternatives and character classes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 64_000  # characters of one body
ALTERNATIVES = 1000  # of one group
NEAR = 128  # a fixed gap below it is a run of any bytes within the part
ANCHORED = 32  # the most that ``[n-m]`` may span

_GAP = re.compile(r"\{(\d{0,9})(-?)(\d{0,9})\}")
_RANGE = re.compile(r"\[(\d{1,9})(?:-(\d{1,9}))?\]")
_PAIR = re.compile(r"[0-9a-fA-F?]{2}")
_GROUP = re.compile(r"(!?)\(([^()]*)\)")


class Unsupported(ValueError):
    """A feature of the format that has no counterpart here."""


Cell = tuple[int, int, bool]  # value, mask, and whether case is ignored
_NUL: Cell = (0, 0xFF, False)


@dataclass(frozen=True, slots=True)
class Run:
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several runs; negated: as many bytes as each has, which are none of them."""

    options: tuple[tuple[Cell, ...], ...]
    negated: bool = False

    @property
    def lengths(self) -> tuple[int, int]:
        sizes = [len(option) for option in self.options]
        return min(sizes), max(sizes)


@dataclass(frozen=True, slots=True)
class Class:
    """(B) (L) (W): at the ends of a part it stands between bytes, inside it is one byte (CR LF for (L): two), and so
    it is when it is negated and the first of its part."""

    letter: str
    negated: bool
    inside: bool
    wide: bool = False


Item = Run | Either | Class


@dataclass(frozen=True, slots=True)
class Anchor:
    """``aa[n-m]``: one byte at a distance from the rest of the part, no part of what matches."""

    cell: Cell
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Part:
    items: tuple[Item, ...]
    before: Anchor | None
    after: Anchor | None
    literal: bytes  # the longest run of fixed bytes, in lower case when case is ignored
    nocase: bool
    ahead: tuple[int, int]  # fewest and most bytes of the part before the literal


@dataclass(frozen=True, slots=True)
class Body:
    parts: tuple[Part, ...]
    gaps: tuple[tuple[int, int | None], ...]  # between them; None: no end

    @property
    def best(self) -> Part:
        """The part that is looked for first: the one that the fewest files have."""
        return max(self.parts, key=lambda part: len(part.literal))


def parse(text: str, modifiers: str = "") -> tuple[Body, ...]:
    """One body, or two when it is looked for both wide and not.  ValueError for what is no body."""
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    if unknown := set(modifiers) - set("iwaf"):
        raise ValueError(f"modifier {min(unknown)!r}")
    if "f" in modifiers:
        text = f"(W){text}(W)"
    if "f" in modifiers or "w" in modifiers:
        text = text.replace("[", "{").replace("]", "}")  # both sides have two bytes now
    nocase = "i" in modifiers
    forms = [True, False] if {"w", "a"} <= set(modifiers) else ["w" in modifiers]
    return tuple(_body(text, nocase, wide) for wide in forms)


def _body(text: str, nocase: bool, wide: bool) -> Body:
    pieces, gaps = _split(text)
    return Body(tuple(_part(piece, nocase, wide) for piece in pieces), tuple(gaps))


def _split(text: str) -> tuple[list[str], list[tuple[int, int | None]]]:
    """Parts, and the gaps between them; gaps within a group stay in it."""
    pieces, gaps, start, at, depth = [], list[tuple[int, int | None]](), 0, 0, 0
    written: list[str] = []
    runs = True  # ClamAV: up to the first gap that is none
    while at < len(text):
        char = text[at]
        depth += (char == "(") - (char == ")")
        gap: tuple[int, int | None] | None = None
        end = at + 1
        if char == "*" and not depth:
            gap = (0, None)
        elif char == "{" and not depth:
            gap, end = _gap(text, at)
            runs = runs and gap[0] == gap[1] and gap[0] < NEAR
            if runs:
                written.append(text[start:at] + "??" * gap[0])
                start, gap = end, None
        if gap:
            pieces.append("".join([*written, text[start:at]]))
            gaps.append(gap)
            written, start = [], end
        at = end
    pieces.append("".join([*written, text[start:]]))
    if len(gaps) > 1 and not pieces[-1]:
        raise ValueError("ends with a gap")
    return pieces, gaps


def _gap(text: str, at: int) -> tuple[tuple[int, int | None], int]:
    found = _GAP.match(text, at)
    if not found or not (found[1] or found[3]):
        raise ValueError(f"{text[at : at + 10]!r} is no gap")
    low = int(found[1] or 0)
    high = low if not found[2] else int(found[3]) if found[3] else None
    if high is not None and high < low:
        raise ValueError(f"gap {found[0]} ends before it begins")
    return (low, high), found.end()


def _part(text: str, nocase: bool, wide: bool) -> Part:
    text, before, after = _anchors(text, nocase)
    items: list[Item] = []
    cells: list[Cell] = []
    at = 0
    while at < len(text):
        if pair := _PAIR.match(text, at):
            cells.append(_cell(pair[0], nocase))
            cells.extend([_NUL] if wide else [])
            at = pair.end()
            continue
        group = _GROUP.match(text, at)
        if not group:
            raise _why(text, at)
        if cells:
            items.append(Run(tuple(cells)))
            cells = []
        # clamscan 1.4.6: what must not be before a part is a byte of it; what must, is none.
        inside = group.end() < len(text) and (at > 0 or (bool(group[1]) and not wide))
        items.append(_group(group[2], bool(group[1]), inside, nocase, wide))
        at = group.end()
    if cells:
        items.append(Run(tuple(cells)))
    return _anchored(tuple(items), before, after)


def _why(text: str, at: int) -> ValueError:
    if text[at] in "!(" and text.find("(", text.find("(", at) + 1) >= 0 and ")" in text[at:]:
        return Unsupported("alternatives within alternatives")
    return ValueError(f"{text[at : at + 10]!r} at {at} is no hex signature")


def _anchors(text: str, nocase: bool) -> tuple[str, Anchor | None, Anchor | None]:
    before = after = None
    found = list(_RANGE.finditer(text))
    for place in found:
        low, high = int(place[1]), int(place[2] or place[1])
        if low > high or high > ANCHORED:
            raise ValueError(f"range {place[0]} is not within {ANCHORED}")
    if len(found) > 2:
        raise ValueError("more than two ranges in one part")
    start, end = 0, len(text)
    if found and found[0].start() == 2:
        before = Anchor(_cell(text[:2], nocase), int(found[0][1]), int(found[0][2] or found[0][1]))
        start = found.pop(0).end()
    if found and found[-1].end() == len(text) - 2:
        last = found.pop()
        after = Anchor(_cell(text[-2:], nocase), int(last[1]), int(last[2] or last[1]))
        end = last.start()
    if found:
        raise ValueError("a range needs a single byte on one side")
    return text[start:end], before, after


@lru_cache(maxsize=4096)  # there are no more: large sets share their cells
def _cell(pair: str, nocase: bool) -> Cell:
    if not _PAIR.fullmatch(pair):
        raise ValueError(f"{pair!r} is no byte")
    mask = (0 if pair[0] == "?" else 0xF0) | (0 if pair[1] == "?" else 0x0F)
    value = int(pair.replace("?", "0"), 16)
    if nocase and mask == 0xFF and chr(value).isascii() and chr(value).isalpha():
        return value | 0x20, mask, True
    return value, mask, False


def _group(text: str, negated: bool, inside: bool, nocase: bool, wide: bool) -> Item:
    if text in ("B", "L", "W"):
        return Class(text, negated, inside, wide)
    options = []
    for option in text.split("|"):
        plain = _GAP.sub(_filled, option)
        if not plain or len(plain) % 2 or len(plain) > 2 * LONGEST:
            raise ValueError(f"{option[:20]!r} is no alternative")
        cells = [_cell(plain[at : at + 2], nocase) for at in range(0, len(plain), 2)]
        if wide:
            cells = [each for cell in cells for each in (cell, _NUL)]
        options.append(tuple(cells))
    if len(options) > ALTERNATIVES:
        raise ValueError(f"more than {ALTERNATIVES} alternatives")
    either = Either(tuple(options), negated)
    if negated and (len(set(map(len, options))) > 1 or any(mask < 0xFF for each in options for _, mask, _ in each)):
        raise ValueError("only fixed alternatives of one length can be negated")
    return either


def _filled(gap: re.Match[str]) -> str:
    low, high = gap[1], gap[3] if gap[2] else gap[1]
    if not low or low != high or not 0 < int(low) < NEAR:
        raise ValueError(f"gap {gap[0]} within an alternative")
    return "??" * int(low)


def _anchored(items: tuple[Item, ...], before: Anchor | None, after: Anchor | None) -> Part:
    """With the longest fixed run; ClamAV too refuses a part without two fixed bytes in a row."""
    best: tuple[bytes, bool, tuple[int, int]] = (b"", False, (0, 0))
    low = high = 0
    for item in items:
        if isinstance(item, Run):
            for at, literal, fold in _fixed(item.cells):
                if len(literal) > len(best[0]):
                    best = literal, fold, (low + at, high + at)
            low, high = low + len(item.cells), high + len(item.cells)
        elif isinstance(item, Either):
            low, high = low + item.lengths[0], high + item.lengths[1]
        elif item.inside:
            low, high = low + 1, high + 2
    if len(best[0]) < 2:
        raise ValueError("no two fixed bytes in a row")
    return Part(items, before, after, *best)


def _fixed(cells: tuple[Cell, ...]) -> list[tuple[int, bytes, bool]]:
    found, start = [], 0
    for at in range(len(cells) + 1):
        if at == len(cells) or cells[at][1] != 0xFF:
            run = cells[start:at]
            if run:
                found.append((start, bytes(value for value, _, _ in run), any(fold for _, _, fold in run)))
            start = at + 1
    return found
