"""What was seen in one document or delivery, and the grade that it adds up to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lazaretto import heuristics
from lazaretto.model import Finding, Kind, Severity

_ACTS = ("exploit", "launch", "carry")


@dataclass(slots=True)
class Signs(heuristics.Signs):
    @property
    def score(self) -> int:
        """What acts by itself counts once, however many ways there are."""
        acts = max((one.weight for one in self.each() if one.does == "autorun"), default=0)
        return acts + sum(one.weight for one in self.each() if one.does != "autorun")

    @property
    def grade(self) -> str:
        """ "" for what is not worth saying.  Nothing is malicious for what honest documents have as well, or for where
        it leads alone."""
        if self.score < self.sheet.suspicious:
            return ""
        grave = self.score >= self.sheet.malicious and self.do(*_ACTS, strongly=True)
        return "malicious" if grave else "suspicious"

    def finding(self, name: str, path: str, first: str) -> Iterator[Finding]:
        if grade := self.grade:
            yield replace(self.graded(name, self._kind(grade), grade, first), artifact=path)

    def _kind(self, grade: str) -> Kind:
        if grade == "malicious" and self.do("exploit", strongly=True):
            return Kind.EXPLOIT
        if self.do("exploit", "launch", "carry", "fetch"):
            return Kind.SCRIPT
        return Kind.PHISHING if self.do("lure") else Kind.CONTENT


def limit(evidence: str, path: str) -> Finding:
    return Finding("documents", "limit.documents", Kind.LIMIT, Severity.MEDIUM, path, (evidence,))
