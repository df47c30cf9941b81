from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.engines.documents import make, samples
from tests.engines.documents.make import HARMLESS_PE, attached, docx, iso, lnk, with_relations
from tests.engines.documents.pairs import PAIRS
from tests.engines.documents.weigh import graded, inspected

from lazaretto.engines.documents import Documents, engine
from lazaretto.model import Artifact, Finding, Kind, Severity, Status
from lazaretto.testing import artifact, findings, hostile, mail


def test_one_finding_for_each_document_from_inside_out() -> None:
    inner = with_relations(("attachedTemplate", "http://example.invalid/a"))
    found = graded("a.iso", iso({"a.docx": inner, "b.exe": HARMLESS_PE}))
    assert [finding.name for finding in found] == ["delivery.image.malicious", "document.office.suspicious"]
    assert any("(carry.bad)" in line for line in found[0].evidence)


def test_a_file_and_a_mail_alike() -> None:
    data = iso({"a.lnk": lnk(), "b.js": b"var a"})
    names = [
        [each.name for each in graded(*file)]
        for file in (("a.iso", data), ("m.eml", mail(attachments={"a.iso": data})))
    ]
    assert names == [["delivery.image.malicious"]] * 2


def test_a_locked_carrier_with_the_word_in_the_mail() -> None:
    (positive, negative) = PAIRS["carry.macros"]
    assert [finding.name for finding in graded(*positive)] == ["document.pdf.suspicious"]
    assert graded(*negative) == []


def packed(folder: Path, kind: str, files: Mapping[str, bytes], *options: str) -> bytes:
    """By 7-Zip itself."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = ["7z", "a", f"-t{kind}", "-bd", *options, f"made.{kind}", *files]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / f"made.{kind}").read_bytes()


def test_a_locked_archive_with_the_word_in_the_mail(tmp_path: Path) -> None:
    def graded_as(text: str, files: Mapping[str, bytes], kind: str = "zip") -> list[str]:
        data = packed(tmp_path, kind, files, "-pTm7kQz")
        (tmp_path / f"made.{kind}").unlink()
        return [each.name for each in graded("mail.eml", mail(text, attachments={f"a.{kind}": data}))]

    told, script = "The password is Tm7kQz", {"a.js": b"var a = 1;\n"}
    assert graded_as(told, script) == ["delivery.locked.suspicious"]
    assert graded_as(told, {"a.lnk": lnk(), "b.js": b"var a = 1;\n"}, "7z") == ["delivery.locked.malicious"]
    assert graded_as(told, {"a.txt": b"hello"}) == []
    assert graded_as("Hello", script) == []


def test_a_disk_image_by_another_tool(tmp_path: Path) -> None:
    (found,) = graded("a.wim", packed(tmp_path, "wim", {"a.lnk": lnk(), "b.dll": HARMLESS_PE}))
    assert found.name == "delivery.image.malicious"
    assert found.evidence[0].startswith("wim: weighs ")


def test_the_status_of_what_is_harmless_is_clean() -> None:
    assert inspected("a.pdf", attached("a.xml", b"<?xml version='1.0'?><a/>")).status is Status.CLEAN
    assert inspected("a.docx", docx()).status is Status.CLEAN


def test_the_kit_for_authors_runs_it() -> None:
    found = findings(Documents(Documents.Settings()), attached("a.hta", b"<hta:application>"), name="a.pdf")
    assert [finding.name for finding in found] == ["delivery.file.suspicious", "document.pdf.malicious"]


def test_more_documents_than_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MOST", 2)
    things = [artifact(b"%PDF-", type="application/pdf", path=f"{number}.pdf") for number in range(4)]
    (finding,) = Documents(Documents.Settings()).judge(things, ())
    assert (finding.name, finding.artifact) == ("limit.documents", "2.pdf")


@pytest.mark.parametrize("data", hostile())
@pytest.mark.parametrize("name", ["a.rtf", "a.one", "a.msc", "a.url"])
def test_it_bears_anything(name: str, data: bytes) -> None:
    for prefix in (b"", b"{\\rtf1\\objdata ", b"%PDF-1.7\n"):
        assert not [
            each for each in inspected(name, prefix + data).findings if each.name.endswith((".failed", ".crashed"))
        ]


@pytest.mark.parametrize(
    "name", ["query.iqy", "console.msc", "office.rdp", "setup.appref-ms", "saver.theme", "link.url"]
)
@pytest.mark.parametrize("form", ["pdf", "rtf", "docx", "one"])
def test_a_delivery_in_a_document_is_one_as_well(name: str, form: str) -> None:
    data = samples.DELIVERY[name]
    carriers = {
        "pdf": make.attached(name, data),
        "rtf": make.rtf(make.package(name.encode(), data)),
        "docx": make.docx({"word/embeddings/a.bin": make.ole({"\x01Ole10Native": make.packaged(name, data)})}),
        "one": make.onenote({name: data}),
    }
    found = graded(f"a.{form}", carriers[form])
    assert {"delivery", "document"} <= {finding.name.partition(".")[0] for finding in found}


def test_copies_are_judged_once_and_take_no_time() -> None:
    def at(path: str, data: bytes, kind: str, parent: str | None = None) -> Artifact:
        return replace(artifact(data, type=kind, path=path), parent=parent)

    whole = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    things = [at("0.docx", b"PK", whole)]
    things += [at(f"0.docx!{n}", b'<a classid="' + bytes([n % 250]), "text/xml", "0.docx") for n in range(8_000)]
    things += [at(f"{n}.docx", b"PK", whole) for n in range(1, 1_500)]
    said = [
        Finding(
            "unpack", "ooxml.external", Kind.SCRIPT, Severity.MEDIUM, each.path, ("oleObject: http://example.invalid/",)
        )
        for each in things[1:8_001]
    ]
    start = time.process_time()
    found = list(Documents(Documents.Settings()).judge(things, said))
    assert time.process_time() - start < 5
    assert len({finding.artifact for finding in found if finding.name == "document.office.suspicious"}) == 1_500


def test_a_copy_has_what_was_found_in_the_one_that_was_opened() -> None:
    outer = docx({"word/embeddings/a.docx": with_relations(("attachedTemplate", "http://example.invalid/a"))})
    found = graded("mail.eml", mail("a", attachments={"1.docx": outer, "2.docx": outer}))
    names = [finding.evidence[1:] for finding in found if "!word/embeddings" not in (finding.artifact or "")]
    assert len(names) == 2
    assert names[0] == names[1]
