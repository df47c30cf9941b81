from __future__ import annotations

import pytest

from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import load
from lazaretto.model import Kind, Severity

WEIGHTS = load()


def signs(*names: str) -> Signs:
    found = Signs(WEIGHTS)
    for name in names:
        found.add(name, "Module1:1", "word")
    return found


@pytest.mark.parametrize(
    ("names", "grade"),
    [
        ((), "present"),
        (("autorun.open",), "present"),
        (("execute.shell",), "present"),
        (("autorun.open", "download.http"), "present"),
        (("autorun.open", "execute.shell"), "suspicious"),
        (("autorun.open", "write.file"), "suspicious"),
        (("execute.shell", "download.http"), "present"),
        (("execute.shell", "download.function"), "suspicious"),
        (("autorun.open", "tool.powershell", "download.http"), "present"),
        (("autorun.open", "tool.powershell", "hide.split"), "malicious"),
        (("autorun.open", "execute.shell", "write.object", "hide.decoder", "see.environment"), "suspicious"),
        (("hide.stomped",), "suspicious"),
        (("execute.popen", "download.http", "hide.joined", "hide.callbyname"), "present"),
        (("autorun.open", "execute.popen"), "suspicious"),
        (("execute.shell", "download.http", "hide.joined", "hide.callbyname"), "suspicious"),
        (("autorun.open", "write.object", "hide.replace"), "suspicious"),
        (("autorun.open", "autorun.close", "execute.shell", "hide.reverse"), "suspicious"),
        (("autorun.open", "execute.shell", "tool.powershell"), "malicious"),
        (("autorun.open", "execute.shell", "hide.split"), "malicious"),
        (("autorun.open", "download.function", "see.environment", "write.object"), "malicious"),
        (("autorun.open", "inject.memory", "see.declare"), "malicious"),
        (("execute.shell", "hide.split", "tool.powershell", "download.function"), "suspicious"),
    ],
)
def test_grades(names: tuple[str, ...], grade: str) -> None:
    assert signs(*names).grade == grade


def test_the_finding() -> None:
    finding = signs("execute.shell", "autorun.open").finding("macro.vba", "3 lines")
    assert (finding.name, finding.kind, finding.severity) == ("macro.vba.suspicious", Kind.MACRO, Severity.MEDIUM)
    assert finding.evidence == (
        "3 lines",
        "Module1:1 word: starts by itself (autorun.open)",
        "Module1:1 word: starts a program (execute.shell)",
    )


def test_each_counts_once_and_is_shown_twice() -> None:
    found = signs(*["see.url"] * 9)
    assert found.score == WEIGHTS.heuristics["see.url"].weight
    assert len(found.seen["see.url"]) == 2


def test_evidence_is_short_and_clean() -> None:
    found = signs(*WEIGHTS.heuristics)
    found.add("see.url", "M\x1b[0m" * 50, "\u202e")
    finding = found.finding("macro.vba", "x")
    assert len(finding.evidence) <= 26
    assert finding.evidence[-1].startswith("and ")
    assert all(line.isprintable() for line in finding.evidence)
    assert all(len(line) < 250 for line in finding.evidence[:-1])  # the last has names of our own, all of them
