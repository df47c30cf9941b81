from __future__ import annotations

import io
import time
import zipfile

import pytest
from tests.engines.macros import files, samples, shapes
from tests.office import vbamake
from tests.unpack import officefiles

from lazaretto.engines.macros import vba
from lazaretto.engines.macros.packages import Package
from lazaretto.engines.macros.weights import load
from lazaretto.model import Finding, Kind
from lazaretto.testing import hostile

WEIGHTS = load()
RUN = vbamake.project('Sub AutoOpen()\nShell ActiveDocument.Variables("a").Value, 0\nEnd Sub')


def found(data: bytes, known: dict[str, list[vba.Judged]] | None = None) -> list[Finding]:
    return list(Package(data, WEIGHTS, {} if known is None else known).findings())


def ids(finding: Finding) -> set[str]:
    return {line.rpartition(" (")[2].rstrip(")") for line in finding.evidence[1:]}


def test_what_a_variable_says_is_what_the_code_does() -> None:
    (finding,) = found(files.docm(RUN, parts=files.settings(a="powershell -c 1")))
    assert finding.name == "macro.vba.malicious"
    assert {"tool.powershell", "hide.stored", "store.variable"} <= ids(finding)
    assert found(files.docm(RUN, parts=files.settings(b="powershell -c 1"))) != []  # some other code may take it
    assert found(files.docm(RUN)) == []


def test_the_same_package_says_nothing_new() -> None:
    known: dict[str, list[vba.Judged]] = {}
    assert found(files.docm(vbamake.project(samples.HOSTILE["chr"])), known) == []
    ((judged,),) = known.values()
    assert judged.signs.grade == "malicious"


def test_a_project_by_another_name() -> None:
    data = files.docm(RUN, parts=files.settings(a="powershell -c 1"))
    assert [each.name for each in found(data.replace(b"word/vbaProject.bin", b"word/vpaProjekt.bin"))] == [
        "macro.vba.malicious"
    ]


def test_code_by_what_the_main_part_says_of_it() -> None:
    relation = (
        '<?xml version="1.0"?><Relationships><Relationship Id="a" Type="http://x/relationships/vbaProject" '
        'Target="data/a.dat"/></Relationships>'
    )
    parts = files.settings(a="powershell -c 1") | {"word/data/a.dat": RUN, "word/_rels/document.xml.rels": relation}
    assert [each.name for each in found(files.docm(b"none", parts=parts))] == ["macro.vba.malicious"]
    with zipfile.ZipFile(io.BytesIO(files.xlsm(shapes.XLM["exec"]))) as archive:
        moved = {name: archive.read(name).replace(b"macrosheets/", b"sheets/") for name in archive.namelist()}
    whole = {name.replace("macrosheets/", "sheets/"): data for name, data in moved.items()}
    assert [each.name for each in found(officefiles.zipped(whole))] == ["macro.xlm.malicious"]


def test_what_starts_a_macro_sheet() -> None:
    (finding,) = found(files.xlsm(shapes.XLM["exec"]))
    assert finding.name == "macro.xlm.malicious"
    assert "autorun.open" in ids(finding)
    assert found(files.xlsm(shapes.XLM["exec"], name="")) == []  # the part says it alone
    (finding,) = found(files.xlsm(['EXEC("calc")'], hidden="veryHidden"))
    assert {"autorun.open", "hide.sheet"} <= ids(finding)
    (finding,) = found(files.xlsb(shapes.XLM["exec"]))
    assert finding.name == "macro.xlm.malicious"
    assert found(files.xlsb(shapes.XLM["exec"], auto=False)) == []


def test_a_name_that_starts_a_program() -> None:
    data = files.xlsm(["HALT()"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = b'<definedName name="go">EXEC("power"&amp;"shell")</definedName></definedNames>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</definedNames>", name)
    (finding,) = found(officefiles.zipped(parts))
    assert {"execute.xlm", "tool.powershell", "autorun.open"} <= ids(finding)


def test_strings_of_the_workbook() -> None:
    (finding,) = found(files.xlsm(["EXEC(B1&B2)"], texts=("powersh", "ell -c 1")))
    assert {"tool.powershell", "hide.split"} <= ids(finding)


def test_basic_that_the_document_starts() -> None:
    (finding,) = found(files.odt(shapes.BASIC["powershell"]))
    assert finding.name == "macro.basic.malicious"
    assert "autorun.open" in ids(finding)
    assert found(files.odt(shapes.BASIC["powershell"], starts=False)) == []
    assert found(files.odt(shapes.BASIC_HARMLESS["message"])) == []
    (finding,) = found(files.odt('Const a = "power"', 'Sub Main\n Shell(a & "shell")\nEnd Sub'))
    assert "hide.split" in ids(finding)


def test_too_many_are_said() -> None:
    parts: dict[str, bytes | str] = {f"word/{number}vbaProject.bin": b"no" for number in range(70)}
    assert [each.kind for each in found(files.docm(b"no", parts=parts))] == [Kind.LIMIT]


@pytest.mark.parametrize("data", hostile())
def test_anything_is_borne(data: bytes) -> None:
    found(data)


def test_damage_at_any_place() -> None:
    whole = files.docm(RUN, parts=files.settings(a="powershell -c 1"))
    for at in range(0, len(whole), 41):
        found(whole[:at])
        found(whole[:at] + b"\xff\x01" + whole[at + 2 :])


def test_two_megabytes_of_code_cost_less_than_a_second() -> None:
    """Doubled for slow machines."""
    line = '    Cells(row, 3).Value = Trim(Left(text, 12)) & "-" & Format(total * 1.19, "0.00") \' sum\n'
    source = "".join(f"Sub Part{number}()\n{line * 40}End Sub\n" for number in range(2_000_000 // (40 * len(line))))
    assert len(source) > 1_900_000
    data = files.docm(vbamake.project("Sub AutoOpen()\nEnd Sub", Module2=source))
    began = time.process_time()
    found(data)
    assert time.process_time() - began < 2
