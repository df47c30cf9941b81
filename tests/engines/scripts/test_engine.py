from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import pytest
from tests.engines.scripts import samples

from lazaretto.engines.scripts import Scripts
from lazaretto.model import Finding, Kind, Severity
from lazaretto.testing import artifact, findings, hostile, mail

ENGINE = Scripts(Scripts.Settings())
Samples = Callable[[], Iterator[tuple[str, bytes]]]


def inspected(name: str, data: bytes) -> list[Finding]:
    one = artifact(data, name=name)
    return list(ENGINE.inspect(one)) if ENGINE.wants(one) else []


def grade(name: str, data: bytes) -> str:
    return next(
        (each.name.rpartition(".")[2] for each in inspected(name, data) if each.kind is not Kind.LIMIT), "nothing"
    )


@pytest.mark.parametrize(("make", "least"), [(samples.scripts, 100), (samples.smuggling, 40), (samples.links, 25)])
def test_hostile_shapes(make: Samples, least: int) -> None:
    graded = {name: grade(name, data) for name, data in make()}
    assert len(graded) >= least
    missed = [name for name, each in graded.items() if each not in ("suspicious", "malicious")]
    assert len(missed) <= 0.05 * len(graded), missed
    assert Counter(graded.values())["malicious"] >= 0.7 * len(graded)


def honest() -> list[Path]:
    """Scripts and pages of the wheels that are installed for the tests."""
    site = Path(django.__file__).parents[1]
    found = [path for ending in ("js", "bat", "ps1", "html", "svg") for path in site.rglob(f"*.{ending}")]
    found += (
        [
            path
            for ending in ("bat", "ps1")
            for path in Path(time.__spec__.origin or "/usr/lib").parent.rglob(f"*.{ending}")
        ]
        if False
        else []
    )
    return sorted(path for path in found if path.stat().st_size < 400_000)[:: max(1, len(found) // 300)]


def test_honest_scripts() -> None:
    graded = {str(path): grade(path.name, path.read_bytes()) for path in honest()}
    assert len(graded) >= 100
    assert "malicious" not in graded.values(), [name for name, each in graded.items() if each == "malicious"]
    assert sum(each == "suspicious" for each in graded.values()) <= 0.02 * len(graded)


def test_an_ordinary_mail_has_nothing() -> None:
    page = b"<html><body><p>hello</p><img src=http://example.invalid/a.gif></body></html>"
    assert findings(ENGINE, mail(attachments={"a.html": page})) == []


def test_a_page_with_a_script_is_no_more_than_noted() -> None:
    page = b'<html><script>document.write("a" + "b"); if (x) { window.location = "https://example.invalid/" }</script>'
    assert all(each.severity is Severity.INFORMATIONAL for each in inspected("a.html", page))


def test_a_phishing_page() -> None:
    page = b'<html><form action="https://example.invalid/a.php" method=post><input name=p type="password"></form>'
    (finding,) = inspected("a.html", page)
    assert (finding.name, finding.kind, finding.severity) == ("script.page.suspicious", Kind.PHISHING, Severity.MEDIUM)


def test_the_evidence_has_the_innermost_text() -> None:
    (finding,) = inspected("a.js", samples.JS_WAYS["codes"](samples.JS["run"]).encode())
    assert finding.severity is Severity.HIGH
    assert "WScript.Shell" in finding.evidence[0]


@pytest.mark.parametrize("data", hostile())
@pytest.mark.parametrize("name", ["a.js", "a.vbs", "a.ps1", "a.bat", "a.html", "a.hta"])
def test_it_bears_anything(name: str, data: bytes) -> None:
    inspected(name, data)


def test_a_megabyte_in_a_second() -> None:
    code = b"function a(b,c){var d=b.e(c),f='g'+d;return d?[1,2,{h:f}]:a(f.i(0,4),'j')}!function(k){k.l=k.m||{};}(n);"
    data = code * (2**20 // len(code))
    began = time.process_time()
    inspected("a.js", data)
    assert time.process_time() - began < 2  # half of that on the machine it was measured on
