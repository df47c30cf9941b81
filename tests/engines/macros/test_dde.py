from __future__ import annotations

import struct
import time

import pytest
from tests.office import xlsmake
from tests.unpack import officefiles

from lazaretto.engines.macros import dde
from lazaretto.model import Severity
from lazaretto.office import biff
from lazaretto.office.compound import Compound

BEGIN, SEPARATE, END = (f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end"))


def instruction(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


@pytest.mark.parametrize(
    "xml",
    [
        BEGIN + instruction("DDEAUTO cmd.exe &quot;/c calc&quot;") + SEPARATE + "<w:t>x</w:t>" + END,
        BEGIN + instruction(" D") + instruction("DE") + instruction("AUTO cm") + instruction("d.exe /c") + END,
        '<w:fldSimple w:instr=" DDE cmd.exe &quot;/c calc&quot; "/>',
        BEGIN + BEGIN + instruction("QUOTE 68 68 69 65 85 84 79") + END + instruction(" cmd.exe") + END,
        BEGIN + instruction("ddeauto cmd.exe"),
        instruction("DDE") + instruction("AUTO cmd.exe"),
        BEGIN + instruction('"DDEAUTO" cmd.exe') + END,
    ],
)
def test_fields_of_word(xml: str) -> None:
    (command, *_) = dde.word_xml(f"<w:document>{xml}</w:document>")
    assert command.upper().startswith("DDE")
    assert "cmd" in command or "CMD" in command or "cm" in command


@pytest.mark.parametrize(
    "xml",
    [
        BEGIN + instruction("DATE") + END,
        BEGIN + instruction('HYPERLINK "http://example.invalid/dde"') + END,
        "<w:t>DDEAUTO cmd.exe</w:t>",
        BEGIN + instruction("DDEXTRA") + END,
    ],
)
def test_other_fields(xml: str) -> None:
    assert dde.word_xml(f"<w:document>{xml}</w:document>") == []


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le"])
@pytest.mark.parametrize("shift", [0, 1])
def test_fields_of_old_word(encoding: str, shift: int) -> None:
    text = '\x13 DDEAUTO cmd.exe "/c calc" \x14x\x15'.encode(encoding)
    file = officefiles.ole({"WordDocument": bytes(600 + shift) + text + bytes(4096)})
    assert dde.word_binary(Compound(file))[0].split() == ["DDEAUTO", "cmd.exe", '"/c', 'calc"']
    file = officefiles.ole({"WordDocument": b"about DDEAUTO fields \x13 DATE \x14x\x15" + bytes(4096)})
    assert dde.word_binary(Compound(file)) == []


def test_links_of_excel() -> None:
    assert dde.excel_xml('<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>') == [
        "cmd|/c calc"
    ]
    assert dde.excel_xml('<externalLink><externalBook r:id="rId1"/></externalLink>') == []
    assert biff.read(xlsmake.workbook(more=xlsmake.link("cmd\3/c calc"))).links == [("cmd", "/c calc")]


def test_links_of_binary_workbooks() -> None:
    strings = b"".join(struct.pack("<I", len(each)) + each.encode("utf-16-le") for each in ("cmd", "/c calc"))
    head = b"\xe8\x02" + bytes([len(strings) + 2])
    assert dde.excel_binary_part(head + b"\1\0" + strings) == ["cmd|/c calc"]
    assert dde.excel_binary_part(head + b"\0\0" + strings) == []


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/c calc'!A0",
        "a,b,\"=cmd|'/c calc'!A0\"",
        "+cmd|' /C calc'!A0",
        "=1+1+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "x\n=MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe /c calc'!''",
        "a;=rundll32|'URL.dll,OpenURL calc'!A",
    ],
)
def test_cells_of_text_files(text: str) -> None:
    assert dde.cells(text, strict=True)


@pytest.mark.parametrize(
    "text", ["a|b|c!", "x = y | z!", "|cmd|calc|", "- item | other!", "=SUM(A1)|x", "cmd|' /c calc'"]
)
def test_other_texts(text: str) -> None:
    assert not dde.cells(text, strict=True)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (rb"{\rtf1{\field{\*\fldinst {\rtlch DDE}{AUTO} cmd.exe /c}{\fldrslt x}}}", True),
        (rb"{\rtf1{\field{\*\fldinst HYPERLINK x}{\fldrslt DDEAUTO}}}", False),
    ],
)
def test_rtf(data: bytes, found: bool) -> None:
    assert bool(dde.rtf(data)) is found


def test_the_finding() -> None:
    (finding,) = dde.finding(["DDEAUTO  cmd.exe\n/c x", "DDEAUTO  cmd.exe\n/c x"])
    assert (finding.name, finding.severity, finding.evidence) == (
        "document.dde",
        Severity.HIGH,
        ("DDEAUTO cmd.exe /c x",),
    )
    (finding,) = dde.finding(["DDE soffice a.odt"])
    assert finding.severity is Severity.MEDIUM
    assert list(dde.finding([])) == []


def test_it_takes_no_long_time() -> None:
    started = time.process_time()
    dde.word_xml(BEGIN * 100_000 + instruction("x") * 50_000 + END * 100_000)
    dde.cells("=" + "a|" * 500_000, strict=False)
    dde.cells("=a|\n" * 300_000, strict=False)
    dde.cells("=-+@" * 300_000 + "|", strict=False)
    dde.rtf(rb"\fldinst{" * 20_000)
    assert time.process_time() - started < 6
