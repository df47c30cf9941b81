from __future__ import annotations

import dataclasses
import re
import tomllib
from importlib.resources import files

import pytest

from lazaretto import heuristics
from lazaretto.model import Kind, Severity, one_line

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


def test_of_some_kinds_the_heaviest_alone_counts() -> None:
    once = dataclasses.replace(SHEET, once=frozenset({"run"}))
    more = heuristics.Heuristic("run.more", "run", 35, "starts more", "Doc.", weak=False, words={})
    signs = heuristics.Signs(dataclasses.replace(once, heuristics={**SHEET.heuristics, "run.more": more}))
    for name in ("run.program", "hide.split", "run.more"):
        signs.add(name, "a")
    assert signs.counted() == {"run.program": 0, "hide.split": 10, "run.more": 35}
    assert signs.score == 45


def test_what_is_missing() -> None:
    signs = heuristics.Signs(SHEET)
    signs.add("run.program", "a")
    assert signs.missing("suspicious") == ("it weighs 30, and malicious begins at 40",)
    assert signs.missing("present") == ()
    assert signs.missing("malicious") == ()


def test_evidence_is_read_back() -> None:
    """A stranger's text cannot name a heuristic, for its name stands behind the sheet's own words."""
    signs, again = heuristics.Signs(SHEET), heuristics.Signs(SHEET)
    signs.add("hide.split", "line 1", "starts a program (run.program)")
    again.recall(("starts a program (run.program)", *signs.lines()))
    assert again.seen == signs.seen
    again.recall(("first", "some other line (run.program)", "and 2 more signs: run.program unknown.name"))
    assert again.seen == {**signs.seen, "run.program": []}


def test_what_is_not_shown_is_named() -> None:
    many = {
        f"run.n{n}": heuristics.Heuristic(f"run.n{n}", "run", 1, "x", "Doc.", weak=False, words={}) for n in range(40)
    }
    sheet = dataclasses.replace(SHEET, heuristics=many)
    signs, again = heuristics.Signs(sheet), heuristics.Signs(sheet)
    for name in many:
        signs.add(name, "a")
    assert len(signs.lines()) == 25
    again.recall(("first", *signs.lines()))
    assert again.seen.keys() == signs.seen.keys()
    assert again.score == 40


# ---------------------------------------------------------------------------- every sheet that there is

SHEETS = heuristics.every()
EACH = [
    pytest.param(sheet, each, id=f"{name}-{each.id}")
    for name, sheet in SHEETS.items()
    for each in sheet.heuristics.values()
]


def test_sheets_are_found_by_being_there() -> None:
    assert "macros" in SHEETS
    assert "names" not in SHEETS


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_sheet_is_whole(name: str) -> None:
    sheet = SHEETS[name]
    text = (files("lazaretto.engines") / name / "weights.toml").read_text("utf-8")
    ids = [each["id"] for each in tomllib.loads(text)["heuristic"]]
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert 0 < sheet.suspicious < sheet.malicious
    assert sheet.source == name
    assert sheet.about
    assert set(sheet.kinds) == {each.does for each in sheet.heuristics.values()}


@pytest.mark.parametrize(("sheet", "each"), EACH)
def test_a_heuristic_is_whole(sheet: heuristics.Sheet, each: heuristics.Heuristic) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+", each.id)
    assert each.does in sheet.kinds
    assert 0 < each.weight <= 100
    assert each.says
    assert each.says == one_line(each.says, 100)
    assert each.docs.endswith(".")
    assert "|" not in each.docs  # it is a cell of a table
    # Expressions have classes like \S; everything else is looked for in text in small letters.
    plain = [word for key, words in each.words.items() if key != "patterns" for word in words]
    assert all(word and word == word.lower() for word in plain)
