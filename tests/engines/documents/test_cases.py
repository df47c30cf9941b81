from __future__ import annotations

from dataclasses import replace

from lazaretto import heuristics
from lazaretto.engines.documents.cases import ARCHIVE, IMAGE, OFFICE, OLE, PDF, Cases
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.testing import artifact

SHEET = heuristics.load("documents")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLE2 = "application/x-ole-storage"


def made(path: str, kind: str, data: bytes = b"x") -> Artifact:
    outer, _, name = path.rpartition("!")
    return replace(artifact(data, name=name, type=kind, path=path), parent=outer or None)


def opened(path: str, where: str) -> Finding:
    evidence = (f"opened with a word of {where}",)
    return Finding("unpack", "unpack.password", Kind.ENCRYPTED, Severity.INFORMATIONAL, path, evidence)


def test_each_artifact_belongs_to_the_nearest() -> None:
    cases = Cases(
        [
            made("a.iso", "application/x-iso9660-image", b"1"),
            made("a.iso!b.docx", DOCX, b"2"),
            made("a.iso!b.docx!c.bin", OLE2, b"3"),
            made("a.iso!b.docx!c.bin!d", "application/octet-stream", b"4"),
            made("a.iso!e.ole", OLE2, b"5"),
            made("f.pdf", "application/pdf", b"6"),
        ],
        [],
        SHEET,
    )
    assert [(case.form, [part.path for part in case.parts]) for case in cases.all] == [
        (IMAGE, []),
        (OFFICE, ["a.iso!b.docx!c.bin", "a.iso!b.docx!c.bin!d"]),
        (OLE, []),
        (PDF, []),
    ]
    assert [inner.path for inner in cases.all[0].inner] == ["a.iso!b.docx", "a.iso!e.ole"]
    assert cases.all[1].where(cases.all[1].parts[1]) == "c.bin!d"


def test_archives_that_the_mail_opens() -> None:
    things = [made("a.zip", "application/zip"), made("a.zip!b.exe", "application/octet-stream")]
    assert Cases(things, [], SHEET).all == []
    assert Cases(things, [opened("a.zip", "the configured list")], SHEET).all == []
    (case,) = Cases(things, [opened("a.zip", "the subject")], SHEET).all
    assert (case.form, case.locked, len(case.parts)) == (ARCHIVE, True, 1)


def test_what_comes_twice_holds_the_same() -> None:
    things = [made("a.docx", DOCX), made("b.docx", DOCX), made("a.docx!c", OLE2, b"2")]
    said = Finding("unpack", "ooxml.external", Kind.SCRIPT, Severity.MEDIUM, "a.docx!c")
    cases = Cases(things, [said], SHEET)
    assert [[finding.name for _, finding in cases.about(case)] for case in cases.all] == [["ooxml.external"]] * 2
    assert cases.all[1].copied is cases.all[0]
