"""Heuristics: the signs that an engine looks for, what each weighs, and what those of one artifact add up to.

Each engine that judges the unknown keeps a sheet ``weights.toml`` in its package; the code says what it saw, the
sheet what that is worth.  How signs make a grade is the engine's own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable

from lazaretto.model import Finding, Kind, Severity, one_line

_PLACES = 2  # that are named for one heuristic
_SHOWN = 24  # lines of evidence
GRADES = ("present", "suspicious", "malicious")
_MORE = re.compile(r"and \d+ more signs: ([a-z0-9. -]+)")
_SEVERITIES = {"present": Severity.LOW, "suspicious": Severity.MEDIUM, "malicious": Severity.HIGH}
_CONFIDENCE = {"present": 100, "suspicious": 70, "malicious": 90}


@dataclass(frozen=True, slots=True)
class Heuristic:
    id: str
    does: str  # a key of ``Sheet.kinds``: what it means for the verdict
    weight: int
    says: str  # the end of an evidence line: "Module1:12 AutoOpen: starts by itself"
    docs: str
    weak: bool  # honest ones have it too
    words: Mapping[str, tuple[str, ...]]  # what it looks for, by the sheet's own keys

    def look_for(self, key: str) -> tuple[str, ...]:
        return self.words.get(key, ())


@dataclass(frozen=True, slots=True)
class Sheet:
    source: str  # the engine
    heuristics: Mapping[str, Heuristic]
    kinds: Mapping[str, str]  # with their titles, the gravest first
    suspicious: int  # scores
    malicious: int
    about: str = field(default="", kw_only=True)  # for the reference: what makes the grade, in Markdown
    once: frozenset[str] = field(default=frozenset(), kw_only=True)  # kinds of which only the heaviest counts


_OWN = frozenset({"id", "does", "weight", "says", "docs", "weak"})


def load(source: str) -> Sheet:
    """The sheet of an engine of ours."""
    document = tomllib.loads(_file(source).read_text("utf-8"))
    heuristics = {
        each["id"]: Heuristic(
            each["id"],
            each["does"],
            each["weight"],
            each["says"],
            each["docs"],
            each.get("weak", False),
            {key: tuple(words) for key, words in each.items() if key not in _OWN},
        )
        for each in document["heuristic"]
    }
    grade = document["grade"]
    return Sheet(
        source,
        heuristics,
        document["kinds"],
        grade["suspicious"],
        grade["malicious"],
        about=" ".join(document.get("about", "").split()).format_map(grade),
        once=frozenset(grade.get("once", ())),
    )


def every() -> dict[str, Sheet]:
    """All sheets, by engine: those of the packages of engines that have one."""
    names = sorted(each.name for each in files("lazaretto.engines").iterdir() if each.is_dir())
    return {name: load(name) for name in names if _file(name).is_file()}


def _file(source: str) -> Traversable:
    return files("lazaretto.engines") / source / "weights.toml"


@dataclass(slots=True)
class Signs:
    """What was seen in one artifact, project or script."""

    sheet: Sheet
    seen: dict[str, list[str]] = field(default_factory=dict)  # places by the id of a heuristic

    def add(self, name: str, where: str, what: str = "") -> None:
        """Seen at ``where``, as ``what``; both may be hostile text of any length."""
        places = self.seen.setdefault(name, [])
        if len(places) < _PLACES:
            says = f"{self.sheet.heuristics[name].says} ({name})"
            line = " ".join(filter(None, (one_line(where, 60), one_line(what, 60))))
            places.append(f"{line}: {says}" if line else says)

    def each(self) -> Iterable[Heuristic]:
        return map(self.sheet.heuristics.__getitem__, self.seen)

    def do(self, *what: str, strongly: bool = False) -> bool:
        """Whether something seen is of one of these kinds; ``strongly``: something that is not weak."""
        return any(each.does in what and not (strongly and each.weak) for each in self.each())

    def lines(self) -> tuple[str, ...]:
        """Evidence, the gravest kinds first."""
        order = list(self.sheet.kinds)
        ordered = sorted(self.seen, key=lambda name: order.index(self.sheet.heuristics[name].does))
        lines = [(name, line) for name in ordered for line in self.seen[name]]
        left = dict.fromkeys(name for name, _ in lines[_SHOWN:])
        more = [f"and {len(lines) - _SHOWN} more signs: {' '.join(left)}"] if left else []
        return (*(line for _, line in lines[:_SHOWN]), *more)

    @property
    def score(self) -> int:
        """The sum of the weights; of some kinds the heaviest alone counts."""
        return sum(self.counted().values())

    def counted(self) -> dict[str, int]:
        """What each heuristic that was seen adds to the sum."""
        found: dict[str, int] = {}
        heaviest: dict[str, str] = {}
        for each in self.each():
            found[each.id] = each.weight
            if each.does in self.sheet.once:
                best = heaviest.setdefault(each.does, each.id)
                if each.id != best:
                    less, more = sorted((best, each.id), key=lambda name: self.sheet.heuristics[name].weight)
                    heaviest[each.does], found[less] = more, 0
        return found

    def missing(self, grade: str) -> tuple[str, ...]:
        """What keeps it from the grade after this one, in words; engines say more than the sum does."""
        if grade == GRADES[-1]:
            return ()
        after = GRADES[GRADES.index(grade) + 1]
        least = self.sheet.malicious if after == "malicious" else self.sheet.suspicious
        return (f"it weighs {self.score}, and {after} begins at {least}",) if self.score < least else ()

    def recall(self, evidence: Iterable[str]) -> None:
        """Takes what a finding's evidence names for seen: the other way round of ``lines``.  The first line is the
        engine's own and no sign."""
        heuristics = self.sheet.heuristics
        for line in list(evidence)[1:]:
            name = line.rpartition(" (")[2].removesuffix(")")
            if name in heuristics and line.endswith(f"{heuristics[name].says} ({name})"):
                self.seen.setdefault(name, []).append(line)
            elif more := _MORE.fullmatch(line):
                for name in more[1].split():
                    if name in heuristics:
                        self.seen.setdefault(name, [])

    def graded(self, name: str, kind: Kind, grade: str, first: str) -> Finding:
        """The finding ``name.grade`` (present, suspicious or malicious); ``first`` is its first line of evidence."""
        return Finding(
            self.sheet.source,
            f"{name}.{grade}",
            kind,
            _SEVERITIES[grade],
            evidence=(first, *self.lines()),
            confidence=_CONFIDENCE[grade],
        )
