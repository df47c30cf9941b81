"""Why something was graded as it was: the heuristics of a finding with their weights, their sum, and what keeps it from
the next grade.

Made from the finding alone, so that it can be asked of an item in the vault as well as of a file.  The weights are
those of today; where they have changed since, the grade of the finding stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lazaretto import heuristics
from lazaretto.findings import catalogue
from lazaretto.heuristics import GRADES, Signs
from lazaretto.model import Finding, Kind
from lazaretto.plugin import Engine, discover

_KINDS = {
    Kind.MALWARE: "A threat that is known by name.",
    Kind.MASSMAILER: "A message that exists only to spread: nobody needs any of it.",
    Kind.MACRO: "Code in a document.",
    Kind.SCRIPT: "Code that runs when somebody opens the file, or that the file fetches.",
    Kind.EXPLOIT: "Shaped to attack the program that opens it.",
    Kind.PHISHING: "Made to take passwords or money from people.",
    Kind.SPAM: "Unwanted mail.",
    Kind.CONTENT: "Nothing is known against it; rules of the organisation may go by it.",
    Kind.LIMIT: "Not looked at to the end: it is deeper, larger or dearer than the limits allow.",
    Kind.ENCRYPTED: "Locked; nobody here has looked inside.",
    Kind.AMBIGUOUS: "Programs may disagree about what it is, so that one shows what another has not inspected.",
    Kind.FAILED: "Could not be inspected.",
}


def meaning(finding: Finding) -> str:
    """By its name, where we have given it; else by its kind."""
    entry = catalogue.find(finding.name)
    return entry.meaning if entry else _KINDS[finding.kind]


@dataclass(frozen=True, slots=True)
class Reason:
    """A heuristic that fired."""

    id: str
    does: str  # the title of its kind
    weight: int
    counts: int  # what of the weight is in the sum: of some kinds the heaviest alone counts
    weak: bool
    says: str
    docs: str
    seen: tuple[str, ...]  # places and texts, as the evidence has them


@dataclass(frozen=True, slots=True)
class Explanation:
    """A graded finding, taken apart."""

    finding: Finding
    about: str  # the first line of the evidence: what was judged
    grade: str
    score: int
    suspicious: int
    malicious: int
    reasons: tuple[Reason, ...]  # the gravest kinds first
    missing: tuple[str, ...]  # what keeps it from the next grade
    next: str  # which one that is; "" when there is none


class Explainer:
    """Knows the sheets of all engines."""

    def __init__(self) -> None:
        self._sheets = heuristics.every()
        self._engines = discover("engines", Engine)

    def explain(self, finding: Finding) -> Explanation | None:
        """None when no heuristics made it."""
        grade = finding.name.rpartition(".")[2]
        if finding.source not in self._sheets or grade not in GRADES:
            return None
        signs = self._signs(finding.source)
        signs.recall(finding.evidence)
        sheet, counted = signs.sheet, signs.counted()
        order = list(sheet.kinds)
        reasons = [
            Reason(
                each.id,
                sheet.kinds[each.does],
                each.weight,
                counted[each.id],
                each.weak,
                each.says,
                each.docs,
                tuple(_place(line, each) for line in signs.seen[each.id]),
            )
            for each in sorted(signs.each(), key=lambda one: order.index(one.does))
        ]
        following = GRADES[GRADES.index(grade) + 1 :]
        return Explanation(
            finding,
            finding.evidence[0] if finding.evidence else "",
            grade,
            signs.score,
            sheet.suspicious,
            sheet.malicious,
            tuple(reasons),
            signs.missing(grade),
            following[0] if following else "",
        )

    def split(self, findings: Iterable[Finding]) -> tuple[list[Explanation], list[Finding]]:
        """Those that heuristics made, and the others."""
        explained, others = [], []
        for finding in findings:
            if (found := self.explain(finding)) is not None:
                explained.append(found)
            else:
                others.append(finding)
        return explained, others

    def _signs(self, source: str) -> Signs:
        """The engine's own, where it has rules beside the sum."""
        made = getattr(self._engines.get(source), "signs", None)
        signs = made() if callable(made) else None
        return signs if isinstance(signs, Signs) else Signs(self._sheets[source])


def _place(line: str, each: heuristics.Heuristic) -> str:
    """What stands before the words of the sheet: "Module1:12 AutoOpen"."""
    return line.removesuffix(f"{each.says} ({each.id})").removesuffix(": ")
