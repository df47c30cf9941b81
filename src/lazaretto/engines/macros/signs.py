"""What was seen in one project, and the grade that it adds up to."""

from __future__ import annotations

from dataclasses import dataclass

from lazaretto import heuristics
from lazaretto.engines.macros.weights import Weights
from lazaretto.model import Finding, Kind

_WORSE = ("hide", "download", "inject", "store", "change", "bring")
_SEVERAL = 3


@dataclass(slots=True)
class Signs(heuristics.Signs):
    sheet: Weights

    @property
    def grade(self) -> str:
        """Malicious is only what starts by itself, starts programs or puts something on the disk, and hides or fetches
        it as well; suspicious, what has the first two or does things that no form of an office needs."""
        acts = self.acts()
        worse = self._is_worse()
        if self.do("autorun") and acts and worse and self.score >= self.sheet.malicious:
            return "malicious"
        if self.do("autorun") and acts:
            return "suspicious"
        if "hide.stomped" in self.seen or (self.acts(strongly=True) and worse and self.score >= self.sheet.suspicious):
            return "suspicious"
        return "present"

    def acts(self, *, strongly: bool = False) -> bool:
        """The name of a program in a string is no act, unless the string is hidden.  ``strongly``: nor is what honest
        libraries do, for code that somebody has to start."""
        done = [each for each in self.each() if not each.id.startswith("tool.") and not (strongly and each.weak)]
        kinds = {each.does for each in done}
        if not kinds.isdisjoint(("execute", "write", "inject")) or "download.function" in self.seen:
            return True
        return any(name.startswith("tool.") for name in self.seen) and self.do("hide", strongly=True)

    def _is_worse(self) -> bool:
        """Whether one thing is there that honest macros have no use for, or several that few of them have."""
        if self.do(*_WORSE, strongly=True) or not self.seen.keys().isdisjoint(("tool.powershell", "tool.script")):
            return True
        if self.do("download") and not self.seen.keys().isdisjoint(("write.stream", "write.program")):
            return True
        return sum(each.weak and each.does in _WORSE for each in self.each()) >= _SEVERAL

    def missing(self, grade: str) -> tuple[str, ...]:
        if grade == "malicious":
            return ()
        found = []
        if not self.do("autorun"):
            found.append("nothing in it starts by itself")
        if not self.acts():
            found.append("it starts no program, writes no file and puts no code into memory")
        if not self._is_worse():
            found.append(f"it neither hides nor fetches anything, nor has {_SEVERAL} of the signs that are marked weak")
        if grade == "suspicious" or not found:
            found += heuristics.Signs.missing(self, grade)
        return tuple(found)

    def finding(self, prefix: str, first: str) -> Finding:
        return self.graded(prefix, Kind.MACRO, self.grade, first)
