from __future__ import annotations

import pytest
from tests.engines.macros import files
from tests.unpack import officefiles

from lazaretto.engines.macros import actions
from lazaretto.model import Finding, Severity
from lazaretto.office.compound import Compound

RELATION = '<Relationships><Relationship Id="a" Type="http://x/relationships/{}" Target="{}"/></Relationships>'


@pytest.mark.parametrize(
    ("element", "action", "said"),
    [
        ("hlinkMouseOver", "ppaction://program", "the mouse over it starts a program"),
        ("hlinkHover", "PPACTION://PROGRAM", "the mouse over it starts a program"),
        ("hlinkClick", "ppaction://program", "a click starts a program"),
        ("hlinkClick", "ppaction://hlinksldjump", ""),
        ("hlinkMouseOver", "", ""),
    ],
)
def test_slides(element: str, action: str, said: str) -> None:
    found = list(actions.slide(files.SLIDE.format(element, action)))
    assert [each.evidence for each in found] == [(said,)] * bool(said)


@pytest.mark.parametrize(
    ("target", "is_one"),
    [
        ("powershell%20-w%20hidden", True),
        ("file:///C:\\Windows\\System32\\cmd.exe", True),
        ("file:///C:/Windows/System32/WindowsPowerShell/v1.0/powershell.exe -c 1", True),
        ("mshta http://example.invalid", True),
        ("cmd", True),
        ("https://example.invalid/powershell.exe", False),
        ("report.docx", False),
        ("curl.pdf", False),
        ("slide2.xml", False),
        ("", False),
    ],
)
def test_links_to_programs(target: str, is_one: bool) -> None:
    assert actions.is_program(target) is is_one
    assert len(list(actions.relations(RELATION.format("hyperlink", target)))) == is_one
    assert list(actions.relations(RELATION.format("image", target))) == []


def old(action: int, what: str, *, hover: bool = False) -> list[Finding]:
    return list(actions.presentation(Compound(files.ppt(action, what, hover=hover))))


def test_presentations_of_1997() -> None:
    (finding,) = old(2, "powershell -c 1", hover=True)
    assert (finding.name, finding.severity) == ("document.action", Severity.HIGH)
    assert finding.evidence == ("the mouse over it starts powershell -c 1",)
    (finding,) = old(2, "C:\\tools\\view.exe")
    assert (finding.severity, finding.evidence) == (Severity.MEDIUM, ("a click starts C:\\tools\\view.exe",))
    assert old(1, "Go") == []
    assert old(4, "next") == []


def test_damage_at_any_place() -> None:
    data = files.ppt(2, "powershell -c 1")
    at = data.index(b"\xf3\x0f")
    for end in range(at - 4, at + 60):
        stream = data[512:end]
        list(actions.presentation(Compound(officefiles.ole({"PowerPoint Document": stream}))))
