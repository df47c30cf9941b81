from __future__ import annotations

import pytest
from tests.engines.macros import samples
from tests.office import vbamake as make
from tests.unpack import officefiles

from lazaretto.engines.macros import vba
from lazaretto.engines.macros.weights import load
from lazaretto.model import Finding, Kind, Severity
from lazaretto.office.compound import Compound
from lazaretto.office.vba import container

WEIGHTS = load()
CODE = 'Sub AutoOpen()\n  MsgBox "a"\nEnd Sub\n'


def found(streams: dict[str, bytes]) -> list[Finding]:
    return list(vba.inspect(Compound(officefiles.ole(streams)), WEIGHTS))


def only(streams: dict[str, bytes]) -> Finding:
    (finding,) = found(streams)
    return finding


def shows(finding: Finding, name: str) -> bool:
    return any(line.endswith(f"({name})") for line in finding.evidence)


def test_present() -> None:
    finding = only(make.streams({"Module1": CODE}))
    assert (finding.name, finding.kind, finding.severity) == ("macro.vba.present", Kind.MACRO, Severity.LOW)
    assert finding.evidence == (
        "3 lines of code in 1 of 1 modules",
        "Module1:1 AutoOpen: starts by itself (autorun.open)",
    )


def test_malicious() -> None:
    finding = only(make.streams({"Module1": samples.HOSTILE["shell-powershell"]}))
    assert (finding.name, finding.severity) == ("macro.vba.malicious", Severity.HIGH)


def test_a_project_without_code_is_only_noted() -> None:
    finding = only(make.streams({"ThisWorkbook": "", "Sheet1": "Option Explicit\n"}))
    assert (finding.name, finding.severity) == ("macro.vba.present", Severity.INFORMATIONAL)


def test_one_finding_for_each_project() -> None:
    streams = make.streams({"A": CODE}, folder="Macros/") | make.streams({"B": CODE}, folder="Other/")
    assert len(found(streams)) == 2


@pytest.mark.parametrize(
    ("source", "names", "cache"),
    [
        ("", ("AutoOpen", "Shell", "MsgBox"), b""),
        ("", ("Shell",), b""),
        ('Sub Hello()\nMsgBox "hi"\nEnd Sub', ("Document_Open", "Shell", "Hello"), b""),
        (CODE, ("AutoOpen", "MsgBox"), make.literal("powershell -c 1")),
        ("", ("AutoOpen",), make.literal("WScript.Shell")),
    ],
)
def test_source_that_was_taken_away(source: str, names: tuple[str, ...], cache: bytes) -> None:
    finding = only(make.streams({"Module1": source}, names=names, cache=cache + bytes(200)))
    assert shows(finding, "hide.stomped")
    assert finding.severity >= Severity.MEDIUM


@pytest.mark.parametrize(
    ("source", "names", "cache"),
    [
        ("", ("ThisDocument", "Document"), b""),
        (CODE, ("AutoOpen", "MsgBox"), make.literal("a friendly text")),
        (samples.HOSTILE["shell-powershell"], ("AutoOpen", "Shell"), make.literal("powershell -w hidden -c iwr")),
        (CODE, ("AutoOpen", "Shell"), b""),  # a name that is left over from what was deleted
    ],
)
def test_source_that_is_all_there(source: str, names: tuple[str, ...], cache: bytes) -> None:
    assert not shows(only(make.streams({"Module1": source}, names=names, cache=cache + bytes(200))), "hide.stomped")


def test_what_only_the_compiled_form_says_counts() -> None:
    cache = make.literal("powershell -c 1") + bytes(200)
    finding = only(make.streams({"Module1": ""}, names=("AutoOpen", "Shell"), cache=cache))
    assert finding.name == "macro.vba.malicious"
    assert shows(finding, "tool.powershell")


def test_a_module_that_is_not_listed() -> None:
    streams = make.streams({"A": CODE})
    assert not shows(only(streams), "hide.stray")
    streams["VBA/Hidden"] = container.pack(b'Attribute VB_Name = "H"\r\nSub b()\r\nEnd Sub')
    assert shows(only(streams), "hide.stray")


@pytest.mark.parametrize(
    ("reference", "is_shown"),
    [
        ("*\\Chttp://example.invalid/a.dotm", True),
        ("*\\C\\\\example.invalid\\a\\b.dotm", True),
        ("*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\WINDOWS\\stdole2.tlb#OLE Automation", False),
    ],
)
def test_references(reference: str, is_shown: bool) -> None:
    assert shows(only(make.streams({"A": CODE}, references=(reference,))), "see.reference") is is_shown


def test_protection() -> None:
    assert not shows(only(make.streams({"A": CODE})), "see.protected")
    project = b'CMG="' + make.encrypted(b"\1\0\0\0") + b'"'
    assert shows(only(make.streams({"A": CODE}, project=project)), "see.protected")


def test_what_is_too_much_is_said() -> None:
    grows = 'a = "' + "x" * 60_000 + '"\n' + 'b = a & "y"\n' * 1000
    assert [finding.kind for finding in found(make.streams({"A": grows}))] == [Kind.MACRO, Kind.LIMIT]
