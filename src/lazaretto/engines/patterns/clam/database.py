"""Signatures in force, and which of them a content matches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lazaretto.engines.patterns.clam import compare, program, targets
from lazaretto.engines.patterns.clam.logical import Signature, Text
from lazaretto.engines.patterns.clam.occurrences import STEPS, View, find
from lazaretto.engines.patterns.clam.prefilter import Prefilter

COUNTED = 10_000  # matches of one subsignature; more are as many


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    place: int  # of the first subsignature that was found; -1: none was needed


class Database:
    """Signatures behind one prefilter."""

    def __init__(self, signatures: Iterable[Signature]) -> None:
        self._group = _Group(signatures)

    def __len__(self) -> int:
        return len(self._group)

    def match(self, data: bytes, media_type: str) -> Iterator[Hit]:
        """Each name once.  Raises ExhaustedError when confirming takes too long."""
        if not self._group:
            return
        said: set[str] = set()
        left = STEPS
        for content, wanted in targets.views(data, media_type):
            view = View(content, left)
            for hit in self._group.match(view, wanted):
                if hit.name not in said:
                    said.add(hit.name)
                    yield hit
            left = view.steps


class _Group:
    def __init__(self, signatures: Iterable[Signature]) -> None:
        self._signatures = tuple(signatures)
        literals: dict[tuple[bytes, bool], int] = {}
        behind: defaultdict[int, list[int]] = defaultdict(list)
        always: list[int] = []
        for number, signature in enumerate(self._signatures):
            triggers = signature.triggers
            if triggers is None:
                always.append(number)
            for key in {key for each in triggers or () for key in _literals(signature, each)}:
                behind[literals.setdefault(key, len(literals))].append(number)
        self._behind = tuple(tuple(behind[number]) for number in range(len(literals)))
        self._always = tuple(always)
        self._prefilter = Prefilter(literals)

    def __len__(self) -> int:
        return len(self._signatures)

    def match(self, view: View, known: frozenset[int]) -> Iterator[Hit]:
        suspected = set(self._always)
        for literal in self._prefilter.find(view.data):
            suspected.update(self._behind[literal])
        if not suspected:
            return
        layout = program.read(view.data) if known & {1, 6} else None
        size = -1 if targets.STREAM in known else len(view.data)
        for number in sorted(suspected):
            signature = self._signatures[number]
            if signature.target in known:
                trial = _Trial(signature, view, layout, size)
                if trial.holds():
                    yield Hit(signature.name, trial.place)


def _literals(signature: Signature, number: int) -> Iterator[tuple[bytes, bool]]:
    sub = signature.subsignatures[number]
    if isinstance(sub, Text):
        for each in sub.bodies:
            yield each.best.literal, each.best.nocase


@dataclass(slots=True)
class _Trial:
    """One signature on one content; a subsignature is looked for once, when the expression asks."""

    signature: Signature
    view: View
    layout: program.Layout | None
    size: int  # -1: not known
    places: dict[int, list[int]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    place: int = -1

    def holds(self) -> bool:
        if not self._in_ranges():
            return False
        if self.signature.expression is None:
            self.place = next(iter(self._found(0, 1)), -1)
            return self.place >= 0
        return self.signature.expression.holds(self._count)

    def _in_ranges(self) -> bool:
        for key, low, high in self.signature.ranges:
            if key == "FileSize":
                value = len(self.view.data)
            elif self.layout is None:
                return False
            else:
                value = self.layout.entry if key == "EntryPoint" else len(self.layout.sections)
            if not low <= value <= high:
                return False
        return True

    def _count(self, number: int) -> int:
        if number not in self.counts:
            self.counts[number] = self._counted(number)
        return self.counts[number]

    def _counted(self, number: int) -> int:
        sub = self.signature.subsignatures[number]
        if isinstance(sub, Text):
            return len(self._found(number, COUNTED))
        if isinstance(sub, compare.Compare):
            places = self._found(sub.of, COUNTED)
            return int(bool(places) and sub.holds(self.view.data, places[-1]))
        span = sub.offset.span(self.size, self.layout)
        if span is None or not sub.trigger.holds(self._count):
            return 0
        self.view.spend(1 + len(self.view.data) // 256)
        return int(sub.matches(self.view.data, *span))

    def _found(self, number: int, most: int) -> list[int]:
        if number not in self.places:
            sub = self.signature.subsignatures[number]
            span = sub.offset.span(self.size, self.layout) if isinstance(sub, Text) else None
            places: list[int] = []
            if isinstance(sub, Text) and span is not None:
                for each in sub.bodies:
                    places.extend(find(each, self.view, *span, most))
            self.places[number] = sorted(places)
            if places and self.place < 0:
                self.place = min(places)
        return self.places[number]
