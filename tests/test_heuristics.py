from __future__ import annotations

import pytest

from lazaretto import heuristics
from lazaretto.model import Kind, Severity

SHEET = heuristics.Sheet(
    "scripts",
    {
        each.id: each
        for each in (
            heuristics.Heuristic(
                "run.program", "run", 30, "starts a program", "Doc.", weak=False, words={"calls": ("a",)}
            ),
            heuristics.Heuristic("hide.split", "hide", 10, "is in pieces", "Doc.", weak=True, words={}),
        )
    },
    {"run": "Runs", "hide": "Hides"},
    20,
    40,
)


def test_signs_come_gravest_first_and_name_their_heuristic() -> None:
    signs = heuristics.Signs(SHEET)
    signs.add("hide.split", "line 4")
    signs.add("run.program", "line 9", "calc\x1b[0m.exe")
    assert [line.split(" (")[1] for line in signs.lines()] == ["run.program)", "hide.split)"]
    assert signs.lines()[1] == "line 4: is in pieces (hide.split)"
    assert all(line.isprintable() for line in signs.lines())


def test_weak_signs_are_told_apart() -> None:
    signs = heuristics.Signs(SHEET)
    signs.add("hide.split", "line 4")
    assert signs.do("hide")
    assert not signs.do("hide", strongly=True)
    assert not signs.do("run")


def test_each_is_shown_twice_at_most() -> None:
    signs = heuristics.Signs(SHEET)
    for line in range(9):
        signs.add("run.program", f"line {line}")
    assert len(signs.lines()) == 2


@pytest.mark.parametrize(
    ("grade", "severity"), [("present", Severity.LOW), ("suspicious", Severity.MEDIUM), ("malicious", Severity.HIGH)]
)
def test_a_finding_has_the_grade_in_its_name(grade: str, severity: Severity) -> None:
    finding = heuristics.Signs(SHEET).graded("script.js", Kind.SCRIPT, grade, "9 lines")
    assert (finding.source, finding.name, finding.severity) == ("scripts", f"script.js.{grade}", severity)
    assert finding.evidence == ("9 lines",)


def test_words_are_looked_up_by_key() -> None:
    assert SHEET.heuristics["run.program"].look_for("calls") == ("a",)
    assert SHEET.heuristics["run.program"].look_for("texts") == ()
