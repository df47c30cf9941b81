from __future__ import annotations

import pytest
from tests.engines.macros import samples
from tests.office import vbamake

from lazaretto import heuristics
from lazaretto.engines.macros import Macros
from lazaretto.explanation import Explainer, Explanation, meaning
from lazaretto.model import Finding, Kind, Severity
from lazaretto.testing import artifact

EXPLAINER = Explainer()


def explained(source: str) -> Explanation:
    (finding,) = Macros(Macros.Settings()).inspect(artifact(vbamake.project(source)))
    found = EXPLAINER.explain(finding)
    assert found is not None
    return found


def test_a_finding_taken_apart() -> None:
    found = explained(samples.HOSTILE["shell-powershell"])
    assert (found.grade, found.next, found.missing) == ("malicious", "", ())
    assert found.about == "3 lines of code in 1 of 1 modules"
    first = found.reasons[0]
    assert (first.id, first.does, first.says) == ("autorun.open", "Starts by itself", "starts by itself")
    assert first.seen == ("Module1:1 AutoOpen",)
    assert first.docs.startswith("A procedure")
    assert found.score == sum(each.counts for each in found.reasons) >= found.malicious


@pytest.mark.parametrize(
    ("source", "grade", "why"),
    [
        ('Sub A()\nShell "notepad"\nEnd Sub', "present", "nothing in it starts by itself"),
        (
            "Sub AutoOpen()\nx = 1\nEnd Sub",
            "present",
            "it starts no program, writes no file and puts no code into memory",
        ),
        ('Sub AutoOpen()\nShell "notepad"\nEnd Sub', "suspicious", "it weighs 50, and malicious begins at 85"),
        (
            'Sub AutoOpen()\nShell "notepad"\nEnd Sub',
            "suspicious",
            "it neither hides nor fetches anything, nor has 3 of the signs that are marked weak",
        ),
    ],
)
def test_why_not_the_next(source: str, grade: str, why: str) -> None:
    found = explained(source)
    assert found.grade == grade
    assert found.next == heuristics.GRADES[heuristics.GRADES.index(grade) + 1]
    assert why in found.missing


def test_the_grade_is_the_findings_whatever_the_sheet_says_today() -> None:
    finding = Finding("macros", "macro.vba.malicious", Kind.MACRO, Severity.HIGH, evidence=("1 line", "no sign"))
    found = EXPLAINER.explain(finding)
    assert found is not None
    assert (found.grade, found.score, found.reasons) == ("malicious", 0, ())


@pytest.mark.parametrize("samples_", [samples.HOSTILE, samples.HARMLESS])
def test_the_sum_is_that_of_the_engine(samples_: dict[str, str]) -> None:
    for source in samples_.values():
        finding = next(iter(Macros(Macros.Settings()).inspect(artifact(vbamake.project(source)))))
        signs = Macros.signs()
        signs.recall(finding.evidence)
        assert finding.name == f"macro.vba.{signs.grade}"


def test_what_heuristics_did_not_make() -> None:
    others = [
        Finding("macros", "document.dde", Kind.MACRO, Severity.HIGH),
        Finding("patterns", "Eicar.malicious", Kind.MALWARE, Severity.CRITICAL),
    ]
    assert EXPLAINER.split(others) == ([], others)


def test_everything_has_a_meaning() -> None:
    for kind in Kind:
        assert meaning(Finding("patterns", "A.threat", kind, Severity.LOW)).endswith(".")
    dde = meaning(Finding("macros", "document.dde", Kind.MACRO, Severity.HIGH))
    assert dde.startswith("A field that asks another program")
