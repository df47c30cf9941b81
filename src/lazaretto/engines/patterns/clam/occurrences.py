"""Where a body occurs in a content, exactly: what the prefilter only suspects.

No regular expressions of others are run here, nothing is tried twice: fixed bytes are searched for, the rest of a
part is compared forwards from each place, and parts are joined by their distances.  ``Budget`` bounds it all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from lazaretto.engines.patterns.clam.body import Anchor, Body, Cell, Class, Either, Part, Run

STEPS = 500_000  # comparisons for all signatures on one artifact; about a second
NONE: tuple[int, ...] = ()

# What may stand before a word and after it: clamscan 1.4.6 was asked about each of the 256 bytes on both sides.
_BEFORE = frozenset(b" -./<@_")
_AFTER = frozenset(b"\n\r \"'-/=>_")
_ALNUM = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class ExhaustedError(Exception):
    """The budget of this artifact is used up."""


@dataclass(slots=True)
class View:
    """One content that bodies are looked for in, and what looking may still cost."""

    data: bytes
    steps: int = STEPS
    _lower: bytes | None = field(default=None, repr=False)

    @property
    def lower(self) -> bytes:
        if self._lower is None:
            self._lower = self.data.lower()
        return self._lower

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise ExhaustedError


def find(body: Body, view: View, low: int, high: int, most: int) -> list[int]:
    """Where it begins, up to ``most`` times: for a body of several parts once for each place of its last part, as
    ClamAV counts.  The first part begins within ``low`` and ``high``."""
    if len(body.parts) == 1:
        found = []
        for start, _ in _places(body.parts[0], view, low, high):
            found.append(start)
            if len(found) >= most:
                break
        return found
    reached: dict[int, int] = {}  # end of the parts so far, and where the first of them begins
    for start, end in _places(body.parts[0], view, low, high):
        reached.setdefault(end, start)
    for number, part in enumerate(body.parts[1:]):
        reached = _joined(reached, part, view, *body.gaps[number])
    return [reached[end] for end in sorted(reached)][:most]


def _joined(reached: dict[int, int], part: Part, view: View, low: int, high: int | None) -> dict[int, int]:
    ends = sorted(reached)
    joined: dict[int, int] = {}
    if not ends:
        return joined
    furthest = len(view.data) if high is None else ends[-1] + high
    for start, end in _places(part, view, ends[0] + low, furthest):
        at = 0 if high is None else bisect_left(ends, start - high)
        if at < len(ends) and ends[at] <= start - low:
            joined.setdefault(end, reached[ends[at]])
    return joined


def _places(part: Part, view: View, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Beginnings in order, each with its end."""
    text = view.lower if part.nocase else view.data
    near, far = part.ahead
    literal = part.literal
    view.spend(1 + len(text) // 2048)  # what searching costs, beside comparing
    at = text.find(literal, max(low, 0) + near)
    last = -1
    while 0 <= at <= high + far:
        view.spend(1 + far - near)
        for start in range(max(at - far, low, last + 1, 0), min(at - near, high) + 1):
            for end in _ends(part, view, start):
                yield start, end
                last = start
                break
        at = text.find(literal, at + 1)


def _ends(part: Part, view: View, start: int) -> tuple[int, ...]:
    data = view.data
    for anchor in (part.before, part.after):
        view.spend(1 + (anchor.high - anchor.low) // 4 if anchor else 0)
    if part.before and not _near(part.before, data, start - part.before.high - 1, start - part.before.low):
        return NONE
    ends: set[int] = {start}
    for item in part.items:
        if isinstance(item, Run):
            size = len(item.cells)
            view.spend(len(ends) * (1 + size // 4))
            ends = {end + size for end in ends if _fits(item.cells, data, end)}
        elif isinstance(item, Either):
            ends = _either(item, data, ends, view)
        elif item.inside:
            ends = {end + size for end in ends for size in (_class_inside(item, data, end),) if size}
        else:
            left = item is part.items[0]
            ends = {end for end in ends if (_left if left else _right)(item, data, end) is not item.negated}
        if not ends:
            return NONE
    if part.after:
        low, high = part.after.low, part.after.high
        ends = {end for end in ends if _near(part.after, data, end + low, end + high + 1)}
    return tuple(sorted(ends))


def _either(item: Either, data: bytes, ends: set[int], view: View) -> set[int]:
    view.spend(len(ends) * sum(1 + len(option) // 4 for option in item.options))
    if item.negated:
        size = len(item.options[0])
        return {
            end + size
            for end in ends
            if end + size <= len(data) and not any(_fits(option, data, end) for option in item.options)
        }
    return {end + len(option) for end in ends for option in item.options if _fits(option, data, end)}


def _fits(cells: tuple[Cell, ...], data: bytes, at: int) -> bool:
    if at + len(cells) > len(data):
        return False
    for value, mask, fold in cells:
        byte = data[at]
        if fold and 65 <= byte <= 90:
            byte |= 0x20
        if byte & mask != value:
            return False
        at += 1
    return True


def _near(anchor: Anchor, data: bytes, low: int, high: int) -> bool:
    return any(_fits((anchor.cell,), data, at) for at in range(max(low, 0), min(high, len(data))))


def _left(item: Class, data: bytes, at: int) -> bool:
    if at == 0:
        return True
    before = data[at - 1]
    if item.letter == "B":
        return before in _BEFORE
    if item.letter == "L":
        return before == 10
    if item.wide:
        return at < 2 or not (data[at - 2] in _ALNUM and before == 0)
    return before not in _ALNUM


def _right(item: Class, data: bytes, at: int) -> bool:
    if at >= len(data):
        return True
    after = data[at]
    if item.letter == "B":
        return after in _AFTER
    if item.letter == "L":
        return after == 10 or data[at : at + 2] == b"\r\n"
    if item.wide:
        return not (after in _ALNUM and data[at + 1 : at + 2] == b"\0")
    return after not in _ALNUM


def _class_inside(item: Class, data: bytes, at: int) -> int:
    """How many bytes it takes; 0: it is none."""
    if at >= len(data):
        return 0
    byte = data[at]
    size = 1
    if item.letter == "B":
        found = byte in _BEFORE or byte in _AFTER
    elif item.letter == "L":
        found = byte == 10 or data[at : at + 2] == b"\r\n"
        size = 2 if byte == 13 and not item.negated else 1
    else:
        found = byte not in _ALNUM
    return size if found is not item.negated else 0
