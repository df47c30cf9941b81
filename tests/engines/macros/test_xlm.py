from __future__ import annotations

import struct
import time

import pytest
from tests.office import xlsmake as make
from tests.unpack.officefiles import record

from lazaretto.engines.macros import xlm
from lazaretto.engines.macros.weights import load
from lazaretto.model import Finding, Kind, Severity
from lazaretto.office import biff, biff12

WEIGHTS = load()
SHEET = '<xm:macrosheet xmlns:xm="m"><sheetData>{}</sheetData></xm:macrosheet>'


def chars(value: str) -> bytes:
    return make.join(*(make.call("CHAR", make.number(ord(each))) for each in value))


def book(*formulas: bytes, **options: object) -> Finding:
    (finding,) = xlm.workbook(biff.read(make.workbook(formulas, **options)), WEIGHTS)  # type: ignore[arg-type]
    return finding


def sheet(*cells: str) -> list[Finding]:
    rows = "".join(f'<c r="A{number}">{cell}</c>' for number, cell in enumerate(cells, 1))
    return list(xlm.package_sheet(SHEET.format(rows), WEIGHTS))


def shows(finding: Finding, name: str) -> bool:
    return any(line.endswith(f"({name})") for line in finding.evidence)


@pytest.mark.parametrize(
    ("formulas", "options", "grade"),
    [
        ([make.call("HALT")], {}, "present"),
        ([make.call("HALT")], {"more": make.name(1)}, "present"),
        ([make.call("EXEC", make.text("notepad"))], {"more": make.name(1)}, "suspicious"),
        ([make.call("EXEC", make.text("powershell -c 1"))], {"more": make.name(1)}, "malicious"),
        ([make.call("EXEC", chars("cmd.exe /c dir"))], {"more": make.name("auto_OPEN5")}, "malicious"),
        ([make.call("EXEC", make.text("calc"))], {"more": make.name(1), "hidden": 2}, "malicious"),
        (
            [make.call("CALL", make.text("urlmon"), make.text("URLDownloadToFileA"))],
            {"more": make.name(1)},
            "malicious",
        ),
        (
            [make.call("FORMULA", make.join(make.text("=EX"), make.text('EC("calc")')))],
            {"more": make.name(1)},
            "malicious",
        ),
    ],
)
def test_workbooks(formulas: list[bytes], options: dict[str, object], grade: str) -> None:
    assert book(*formulas, **options).name == f"macro.xlm.{grade}"


def test_the_reasons_name_the_cell() -> None:
    finding = book(make.call("HALT"), make.call("EXEC", make.text("calc")), more=make.name(2), hidden=1)
    assert finding.evidence[0] == "2 formulas in 1 macro sheets"
    assert "Macro1!A2 EXEC: starts a program (execute.xlm)" in finding.evidence
    assert "name Auto_Close: starts by itself when the document is closed (autorun.close)" in finding.evidence
    assert shows(finding, "hide.sheet")
    assert not shows(book(make.call("HALT")), "hide.sheet")


def test_texts_of_other_cells() -> None:
    formula = make.call("EXEC", make.join(make.cell(0, 1), make.cell(1, 1)))
    assert shows(book(formula, texts=["power", "shell -c"], more=make.name(1)), "hide.split")


def test_numbers_of_other_cells_are_keys() -> None:
    cells = '<c r="B1"><v>106</v></c><c r="B2"><v>7.0</v></c><c r="B3"><v>116</v></c><c r="B4"><v>107</v></c>'
    formula = "".join(
        f'<c r="A1"><f>EXEC({"&amp;".join(f"CHAR(Sheet1!{each}-$B$2)" for each in ("B1", "B3", "B4"))})</f></c>'
    )
    reader = xlm.Sheets(WEIGHTS)
    reader.read(xlm.cells(f"<a>{cells}{formula}</a>"))
    assert "cmd" in reader._texts._joined


@pytest.mark.parametrize("formula", ['FORMULA.FILL("={}",A9)', 'EVALUATE("{}")', 'FORMULA("="&"{}",A9)'])
def test_formulas_in_texts(formula: str) -> None:
    inner = 'EXEC(""power""&""shell -c 1"")'
    (finding,) = sheet(f"<f>{formula.format(inner)}</f>")
    assert shows(finding, "execute.xlm")
    assert shows(finding, "tool.powershell")
    assert not shows(sheet(f'<f>ALERT("{inner}")</f>')[0], "execute.xlm")


def test_shared_strings() -> None:
    found = xlm.cells('<c r="A1" t="s"><v>1</v></c><c r="A2" t="s"><v>99</v></c><c r="A3"><v>1</v></c>', ["a", "b"])
    assert [(each.place, each.text) for each in found] == [("A1", "b"), ("A3", "1")]


def test_a_name_that_starts_a_program() -> None:
    tokens = make.call("EXEC", make.text("powershell -c 1"))
    name = record(0x18, struct.pack("<HBBHHHI", 0, 0, 2, len(tokens), 0, 0, 0) + b"\0go" + tokens)
    finding = book(make.call("HALT"), more=make.name(1) + name)
    assert finding.name == "macro.xlm.malicious"
    assert list(xlm.workbook(biff.read(make.workbook([make.call("HALT")], more=name, kind=0)), WEIGHTS)) == []


def test_no_macro_sheet() -> None:
    assert list(xlm.workbook(biff.read(make.workbook([make.call("HALT")], kind=0)), WEIGHTS)) == []


def test_packages() -> None:
    (finding,) = sheet("<f>ALERT(&quot;hi&quot;)</f><v>0</v>", "<f>HALT()</f>")
    assert (finding.name, finding.severity, finding.kind) == ("macro.xlm.present", Severity.LOW, Kind.MACRO)
    assert not shows(finding, "autorun.elsewhere")
    (finding,) = sheet("<f>EXEC(&quot;a&quot;)</f>")
    assert finding.name == "macro.xlm.suspicious"
    assert shows(finding, "autorun.elsewhere")
    (finding,) = sheet('<f>EXEC("powersh"&amp;$A$2)</f>', "<v>ell -c 1</v>")
    assert finding.name == "macro.xlm.malicious"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (['C;Y1;X1;K0;EEXEC("powershell -c 1")', "NN;NAuto_Open;ER1C1"], "macro.xlm.malicious"),
        (['C;Y1;X1;EALERT("hi")', "C;Y2;EHALT()"], "macro.xlm.present"),
    ],
)
def test_sylk(lines: list[str], name: str) -> None:
    (finding,) = xlm.sylk("ID;PWXL\r\n" + "\r\n".join(lines) + "\r\nE\r\n", WEIGHTS)
    assert finding.name == name


def test_sylk_without_macros() -> None:
    assert list(xlm.sylk("ID;PWXL\nC;Y1;X1;K5;ESUM(R1C1:R2C2)\nE\n", WEIGHTS)) == []


def test_bombs() -> None:
    started = time.process_time()
    sheet(*['<f>A1&amp;A1&amp;"x"</f>'] * 20_000)
    sheet(*[f"<f>{'(' * 5000}</f>"] * 20)
    sheet(*["<f>" + "&amp;".join(["CHAR(65)"] * 500) + "</f>"] * 100)
    assert [each.kind for each in sheet(*["<f>" + "A1&amp;" * 1600 + "A1</f>"] * 3000)] == [Kind.MACRO, Kind.LIMIT]
    assert time.process_time() - started < 12


def binary(*formulas: bytes) -> list[str]:
    cells = biff12.cells(make.binary_sheet({(row, 0): each for row, each in enumerate(formulas)}, {(0, 1): "ell -c 1"}))
    return [finding.name for finding in xlm.binary_sheet(cells, WEIGHTS)]


def test_binary_packages() -> None:
    command = make.join(make.wide_text("powersh"), make.wide_cell(0, 1))
    assert binary(make.wide_call("EXEC", command)) == ["macro.xlm.malicious"]
    assert binary(make.wide_call("HALT")) == ["macro.xlm.present"]
    assert binary(make.wide_call("CHAR", make.number(65))) == []
