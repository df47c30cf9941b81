from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from tests.engines.macros import samples
from tests.office import vbamake, xlsmake
from tests.unpack import officefiles

from lazaretto.engines.macros import Macros
from lazaretto.model import Finding, Kind
from lazaretto.testing import artifact, findings, hostile

ENGINE = Macros(Macros.Settings())
MODULE = (
    '<!DOCTYPE script:module><script:module xmlns:script="s" script:name="Mod" script:language="StarBasic">{}'
    "</script:module>"
)


def zipped(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def names(data: bytes, name: str = "", type: str = "") -> list[str]:
    return [finding.name for finding in ENGINE.inspect(artifact(data, name=name, type=type))]


def walked(data: bytes, name: str) -> list[Finding]:
    return findings(ENGINE, data, name=name)


def test_a_document_with_its_project() -> None:
    project = vbamake.project(samples.HOSTILE["shell-powershell"])
    docm = officefiles.docx({"word/vbaProject.bin": project})
    assert [finding.name for finding in walked(docm, "a.docm")] == ["macro.vba.malicious"]


def test_a_module_is_no_second_project() -> None:
    doc = {
        "WordDocument": officefiles.doc(b"text"),
        **vbamake.streams({"Module1": samples.HOSTILE["chr"]}, folder="Macros/"),
    }
    assert [finding.name for finding in walked(officefiles.ole(doc), "a.doc")] == ["macro.vba.malicious"]


def test_an_old_workbook() -> None:
    book = xlsmake.workbook(
        [xlsmake.call("EXEC", xlsmake.text("powershell"))], more=xlsmake.name(1) + xlsmake.link("cmd\3/c calc")
    )
    assert names(officefiles.ole({"Workbook": book})) == ["macro.xlm.malicious", "document.dde"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Sub Main\n Shell(&quot;calc.exe&quot;)\nEnd Sub", ["macro.basic.suspicious"]),
        ("Sub Main\n Print 1\nEnd Sub", ["macro.basic.present"]),
        ("REM nothing here", []),
    ],
)
def test_basic_of_opendocument(source: str, found: list[str]) -> None:
    assert names(MODULE.format(source).encode(), type="text/xml") == found


def test_parts_of_packages() -> None:
    sheet = b'<?xml version="1.0"?><xm:macrosheet xmlns:xm="m"><c r="A1"><f>EXEC("a")</f></c></xm:macrosheet>'
    word = b'<?xml version="1.0"?><w:document xmlns:w="w"><w:fldSimple w:instr="DDE cmd x"/></w:document>'
    link = b'<?xml version="1.0"?><externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    data = zipped({"xl/macrosheets/sheet1.xml": sheet, "word/document.xml": word, "xl/externalLinks/a.xml": link})
    assert sorted(finding.name for finding in walked(data, "a.zip")) == [
        "document.dde",
        "document.dde",
        "macro.xlm.suspicious",
    ]


def test_texts() -> None:
    assert names(b"=cmd|'/c calc'!A0\r\n", "a.csv") == ["document.dde"]
    assert names(b'ID;PWXL\r\nNN;NAuto_Open;ER1C1\r\nC;X1;Y1;EEXEC("a")\r\nE\r\n') == ["macro.xlm.suspicious"]
    assert names(rb"{\rtf1{\field{\*\fldinst DDEAUTO cmd}}}", type="application/rtf") == ["document.dde"]
    assert names(b"hello | world!\n") == []


def test_what_is_too_long_is_said() -> None:
    found = list(ENGINE.inspect(artifact(b"=a|b!,\n" * 700_000, type="text/csv")))
    assert Kind.LIMIT in {finding.kind for finding in found}


@pytest.mark.parametrize("type", ["text/xml", "text/csv", "text/plain", "application/rtf", "application/x-ole-storage"])
def test_anything_is_borne(type: str) -> None:
    for data in hostile():
        list(ENGINE.inspect(artifact(data, type=type)))


def test_damage_at_any_place() -> None:
    whole = officefiles.ole(
        {
            "WordDocument": officefiles.doc(b"text"),
            "Workbook": xlsmake.workbook([xlsmake.call("HALT")]),
            **vbamake.streams({"Module1": samples.HOSTILE["chr"]}),
        }
    )
    for at in range(0, len(whole), 61):
        list(ENGINE.inspect(artifact(whole[:at], type="application/msword")))
        list(ENGINE.inspect(artifact(whole[:at] + b"\xff\x01" + whole[at + 2 :], type="application/msword")))
