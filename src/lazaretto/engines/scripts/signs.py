"""What was seen in one script with all that stands in it, and the grade that it adds up to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lazaretto import heuristics
from lazaretto.engines.scripts.weights import Weights
from lazaretto.model import Finding, Kind, Severity

_SEVERAL = 2


@dataclass(slots=True)
class Signs(heuristics.Signs):
    sheet: Weights

    @property
    def grade(self) -> str:
        """Malicious is what starts programs or puts code into memory and fetches, hides, stays or disarms as well, or a
        page that saves a program; suspicious, what has only some of it."""
        score = self.score
        if score >= self.sheet.malicious and self._is_worse() and (self._acts() or self._smuggles()):
            return "malicious"
        if score >= self.sheet.suspicious and (self._acts() or self._smuggles() or self._asks()):
            return "suspicious"
        return "present"

    def _acts(self) -> bool:
        """One strong sign of doing, or several of those that administrators' scripts have too."""
        if self.do("execute", "inject", "download", strongly=True) or self._disarms():
            return True
        weak = sum(each.does in ("execute", "download", "change", "write") for each in self.each())
        return weak > _SEVERAL and self.do("hide")

    def _disarms(self) -> bool:
        return self.do("change", strongly=True)

    def _smuggles(self) -> bool:
        return "smuggle.save" in self.seen

    def _asks(self) -> bool:
        return not self.seen.keys().isdisjoint(("phish.form", "phish.script"))

    def _is_worse(self) -> bool:
        if self.do("inject") or self.do("hide", strongly=True) or self._disarms():
            return True
        if self.do("download") and self.do("execute"):
            return self.do("hide") or self.do("write", "change")
        if self._smuggles():
            return not self.seen.keys().isdisjoint(("smuggle.payload", "smuggle.program"))
        hidden = sum(each.does == "hide" for each in self.each())
        return self.do("execute") and (hidden >= _SEVERAL or (self.do("change") and self.do("hide", "write")))

    def missing(self, grade: str) -> tuple[str, ...]:
        if grade == "malicious":
            return ()
        found = []
        if not (self._acts() or self._smuggles() or self._asks()):
            found.append("nothing in it strongly shows that it starts, fetches, saves or asks for anything")
        if grade == "suspicious" and not self._is_worse():
            found.append("it does not hide, fetch, stay or disarm as malicious ones do")
        return (*found, *heuristics.Signs.missing(self, grade))

    def finding(self, prefix: str, first: str, *, is_page: bool) -> Finding:
        """A page with a script is nothing to be told about, nor is a script that does nothing of the kind."""
        grade = self.grade
        found = self.graded(
            prefix, Kind.PHISHING if grade != "present" and self._only_asks() else Kind.SCRIPT, grade, first
        )
        if grade == "present" and (is_page or not self.do("execute", "inject", "download", "change")):
            return replace(found, severity=Severity.INFORMATIONAL)
        return found

    def _only_asks(self) -> bool:
        return self._asks() and not self._acts() and not self._smuggles()
