from __future__ import annotations

import pytest

from lazaretto.engines.scripts.signs import Signs
from lazaretto.engines.scripts.weights import load
from lazaretto.model import Kind, Severity


def signs(*names: str) -> Signs:
    found = Signs(load())
    for name in names:
        found.add(name, "x")
    return found


@pytest.mark.parametrize(
    ("names", "grade"),
    [
        (("execute.shell", "execute.run", "hide.split"), "malicious"),
        (("execute.shell", "hide.eval"), "suspicious"),
        (("execute.shell",), "present"),
        (("inject.memory", "execute.powershell"), "malicious"),
        (("smuggle.save", "smuggle.payload", "smuggle.program"), "malicious"),
        (("smuggle.save", "smuggle.click"), "suspicious"),
        (("smuggle.write", "phish.frame", "phish.redirect"), "present"),
        (("phish.form",), "suspicious"),
        (("change.defender",), "suspicious"),
        (("hide.chars", "hide.base64", "hide.layers", "hide.encoded", "hide.escapes"), "present"),
    ],
)
def test_grades(names: tuple[str, ...], grade: str) -> None:
    assert signs(*names).grade == grade


def test_what_is_only_present() -> None:
    assert signs("see.address").finding("script.x", "", is_page=False).severity is Severity.INFORMATIONAL
    assert signs("execute.object").finding("script.x", "", is_page=False).severity is Severity.LOW
    assert signs("execute.object").finding("script.x", "", is_page=True).severity is Severity.INFORMATIONAL


def test_what_is_missing() -> None:
    assert not signs("execute.shell", "execute.run", "hide.split").missing("malicious")
    assert any("suspicious begins" in line for line in signs("see.address").missing("present"))
    assert any("does not hide" in line for line in signs("change.task", "execute.tool").missing("suspicious"))


def test_a_form_is_phishing() -> None:
    assert signs("phish.form").finding("script.page", "", is_page=True).kind is Kind.PHISHING
    assert signs("phish.form", "execute.tool").finding("script.page", "", is_page=True).kind is Kind.SCRIPT
