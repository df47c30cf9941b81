from __future__ import annotations

from lazaretto.model import Severity
from lazaretto.unpack.pdf.actions import Reports
from lazaretto.unpack.pdf.syntax import Name


def names(*actions: dict[str, object]) -> dict[str, tuple[Severity, tuple[str, ...]]]:
    reports = Reports()
    for action in actions:
        reports.action(action, lambda each: each if isinstance(each, str) else "", lambda each: each)
    return {found.name: (found.severity, found.evidence) for found in reports.findings()}


def test_launch() -> None:
    launch = Name("Launch")
    assert names({"S": launch, "F": "a.doc"}) == {"pdf.launch": (Severity.MEDIUM, ("Launch a.doc",))}
    found = names({"S": launch, "Win": {"F": "cmd.exe", "P": "/c calc"}})
    assert found == {"pdf.launch-command": (Severity.HIGH, ("Launch cmd.exe /c calc",))}
    assert "pdf.launch-command" in names({"S": launch, "F": "../x.vbs"})
    assert names({"S": launch}) == {"pdf.launch": (Severity.MEDIUM, ("Launch ",))}


def test_what_reaches_out() -> None:
    for kind in ("GoToR", "GoToE", "SubmitForm", "ImportData"):
        for target in ("\\\\10.0.0.1\\a", "//h/a", "file://h/a", " FILE:////h/a", "file:\\\\h\\a"):
            assert "pdf.remote" in names({"S": Name(kind), "F": target})
    assert names({"S": Name("GoToR"), "F": "chapter2.pdf"}) == {}
    assert names({"S": Name("SubmitForm"), "F": "https://a/"})["pdf.submit"][0] is Severity.INFORMATIONAL
    assert "pdf.import" in names({"S": Name("ImportData"), "F": "a.fdf"})
    assert names({"S": 5}, {"S": Name("URI")}, {}) == {}


def test_links_and_media() -> None:
    reports = Reports()
    for link in ("https://a.example/", "//a.example/", "file:///C:/a", "file://C:/a", "file://localhost/a", "file:a"):
        reports.link(link)
    assert list(reports.findings()) == []
    reports.link("\\\\host\\share")
    reports.media({"Subtype": Name("RichMedia")})
    reports.media({"Subtype": Name("Link")})
    assert [found.name for found in reports.findings()] == ["pdf.remote", "pdf.media"]


def test_evidence_is_bounded() -> None:
    reports = Reports()
    for number in range(1000):
        reports.add("pdf.launch", f"{number}\n" + "x" * 1000)
    (found,) = reports.findings()
    assert len(found.evidence) == 10
    assert all(len(line) <= 300 and "\n" not in line for line in found.evidence)


def opened(value: dict[str, object]) -> tuple[str, ...]:
    reports = Reports()
    reports.opening(value, lambda each: each)
    return next((found.evidence for found in reports.findings()), ())


def test_what_is_done_when_it_is_opened() -> None:
    launch, script = {"S": Name("Launch")}, {"S": Name("JavaScript")}
    assert opened({"OpenAction": launch}) == ("Launch",)
    assert opened({"OpenAction": [1, 2]}) == opened({"OpenAction": {"S": Name("GoTo")}}) == ()
    assert opened({"AA": {"O": script, "K": launch}}) == ("JavaScript",)
    assert opened({"OpenAction": {"S": Name("GoTo"), "Next": [script, launch]}}) == ("JavaScript", "Launch")
    assert opened({"OpenAction": "x", "AA": 5}) == ()


def test_actions_that_follow_themselves_end() -> None:
    action: dict[str, object] = {"S": Name("Launch")}
    action["Next"] = [action] * 1_000
    assert opened({"OpenAction": action}) == ("Launch",)


def test_a_document_inside() -> None:
    assert names({"S": Name("GoToE")})["pdf.inner"] == (Severity.INFORMATIONAL, ("in it",))
