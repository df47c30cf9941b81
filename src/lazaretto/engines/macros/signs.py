"""What was seen in one project, and the grade that it adds up to."""

from __future__ import annotations

from dataclasses import dataclass, field

from lazaretto.engines.macros.weights import Weights
from lazaretto.model import Finding, Kind, Severity, one_line

_PLACES = 2  # that are named for one heuristic
_SHOWN = 24  # lines of evidence
_GRADES = {"present": Severity.LOW, "suspicious": Severity.MEDIUM, "malicious": Severity.HIGH}
_WORSE = ("hide", "download", "inject", "store", "change")
_SEVERAL = 3
_ORDER = ("autorun", "execute", "inject", "download", "write", "hide", "change", "store", "see")


@dataclass(slots=True)
class Signs:
    weights: Weights
    seen: dict[str, list[str]] = field(default_factory=dict)  # places by the id of a heuristic

    def add(self, name: str, where: str, what: str = "") -> None:
        places = self.seen.setdefault(name, [])
        if len(places) < _PLACES:
            says = self.weights.heuristics[name].says
            line = " ".join(filter(None, (one_line(where, 60), one_line(what, 60))))
            places.append(f"{line}: {says}" if line else says)

    @property
    def score(self) -> int:
        """What starts by itself counts once, however many ways there are."""
        each = [self.weights.heuristics[name] for name in self.seen]
        starts = max((one.weight for one in each if one.does == "autorun"), default=0)
        return starts + sum(one.weight for one in each if one.does != "autorun")

    def do(self, *what: str, strongly: bool = False) -> bool:
        return any(
            each.does in what and not (strongly and each.weak)
            for each in map(self.weights.heuristics.__getitem__, self.seen)
        )

    @property
    def grade(self) -> str:
        """Malicious is only what starts by itself, starts programs or puts something on the disk, and hides or fetches
        it as well; suspicious, what has the first two or does things that no form of an office needs."""
        acts = self._acts()
        worse = self._is_worse()
        if self.do("autorun") and acts and worse and self.score >= self.weights.malicious:
            return "malicious"
        if self.do("autorun") and acts:
            return "suspicious"
        if "hide.stomped" in self.seen or (acts and worse and self.score >= self.weights.suspicious):
            return "suspicious"
        return "present"

    def _acts(self) -> bool:
        """The name of a program in a string is no act, unless the string is hidden."""
        kinds = {self.weights.heuristics[name].does for name in self.seen if not name.startswith("tool.")}
        if not kinds.isdisjoint(("execute", "write", "inject")) or "download.function" in self.seen:
            return True
        return any(name.startswith("tool.") for name in self.seen) and self.do("hide", strongly=True)

    def _is_worse(self) -> bool:
        """Whether one thing is there that honest macros have no use for, or several that few of them have."""
        if self.do(*_WORSE, strongly=True) or not self.seen.keys().isdisjoint(("tool.powershell", "tool.script")):
            return True
        if self.do("download") and not self.seen.keys().isdisjoint(("write.stream", "write.program")):
            return True
        weak = [
            each for each in map(self.weights.heuristics.__getitem__, self.seen) if each.weak and each.does in _WORSE
        ]
        return len(weak) >= _SEVERAL

    def finding(self, prefix: str, first: str) -> Finding:
        grade = self.grade
        ordered = sorted(self.seen, key=lambda name: _ORDER.index(self.weights.heuristics[name].does))
        lines = [line for name in ordered for line in self.seen[name]]
        more = [f"and {len(lines) - _SHOWN} more signs"] if len(lines) > _SHOWN else []
        evidence = (first, *lines[:_SHOWN], *more)
        confidence = {"present": 100, "suspicious": 70, "malicious": 90}[grade]
        return Finding(
            "macros", f"{prefix}.{grade}", Kind.MACRO, _GRADES[grade], evidence=evidence, confidence=confidence
        )
