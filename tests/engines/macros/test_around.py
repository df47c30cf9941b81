from __future__ import annotations

import pytest
from tests.engines.macros import files, samples
from tests.office import vbamake
from tests.unpack import officefiles

from lazaretto.engines.macros import around
from lazaretto.engines.macros.weights import load
from lazaretto.office.compound import Compound
from lazaretto.office.parts import Parts

WEIGHTS = load()
PROJECT = vbamake.project("Sub A()\nEnd Sub")


def package(data: bytes) -> around.Around:
    return around.package(Parts(data), WEIGHTS)


@pytest.mark.parametrize("text", samples.LURES.values())
def test_lures(text: str) -> None:
    assert around.lure(text, WEIGHTS)
    assert ("lure.enable", "word/document.xml") in [each[:2] for each in package(files.docm(PROJECT, text)).signs]
    octets = text.encode("utf-16-le").ljust(4096, b" ")
    old = Compound(officefiles.ole({"WordDocument": officefiles.doc(octets)}))
    assert [each[0] for each in around.compound(old, WEIGHTS).signs] == ["lure.enable"]


@pytest.mark.parametrize("text", ["Please read the contents.", "Der Inhalt wurde geändert.", "Contenu"])
def test_no_lures(text: str) -> None:
    assert not around.lure(text, WEIGHTS)
    assert package(files.docm(PROJECT, text)).signs == []


def test_a_lure_in_runs() -> None:
    body = "<w:document><w:p><w:r><w:t>Enable Con</w:t></w:r><w:r><w:t>tent</w:t></w:r></w:p></w:document>"
    assert package(officefiles.docx({"word/document.xml": body})).signs[0][0] == "lure.enable"
    apart = body.replace("</w:r><w:r>", "</w:r></w:p><w:p><w:r>")
    assert package(officefiles.docx({"word/document.xml": apart})).signs == []


def test_what_comes_along() -> None:
    parts: dict[str, bytes | str] = {"word/activeX/activeX1.xml": "<ax:ocx/>", "word/embeddings/oleObject1.bin": b"a"}
    found = package(files.docm(PROJECT, parts=parts | files.template("http://example.invalid/a.dotm"))).signs
    assert {each[0] for each in found} == {"bring.activex", "bring.object", "bring.template"}
    assert package(files.docm(PROJECT, parts=files.template("file:///C:/a.dotm"))).signs == []


def test_what_comes_along_in_compound_files() -> None:
    table = "http://example.invalid/a.dotm".encode("utf-16-le")
    more = {"ObjectPool/_1/\x03OCXNAME": b"a", "ObjectPool/_1/\x01Ole10Native": b"abcd", "1Table": table}
    found = around.compound(Compound(files.old({}, more=more)), WEIGHTS).signs
    assert {each[0] for each in found} == {"bring.activex", "bring.object", "bring.template"}
    assert around.compound(Compound(files.old({})), WEIGHTS).signs == []


def test_stores_by_name() -> None:
    parts = files.settings(a="one") | files.custom(Key="two") | files.core("three")
    parts["word/document.xml"] = (
        '<w:document><w:ffData><w:name w:val="F"/><w:textInput><w:default w:val="four"/></w:textInput></w:ffData>'
        '<wp:docPr name="Picture 1" descr="five"/></w:document>'
    )
    found = package(files.docm(PROJECT, parts=parts))
    assert found.named == {"a": "one", "key": "two", "comments": "three", "f": "four", "picture 1": "five"}


def test_stores_of_compound_files() -> None:
    more = {"\x05SummaryInformation": files.properties(comments="text"), "1Table": "variable".encode("utf-16-le")}
    found = around.compound(Compound(files.old({}, more=more)), WEIGHTS)
    assert found.named == {"comments": "text"}
    assert ("variable", "table of the document") in found.stored


def test_actions_of_slides() -> None:
    for hover, name in ((True, "autorun.action"), (False, "see.action")):
        found = package(files.pptm("ppaction://macro?name=Go", hover=hover))
        assert found.signs == [(name, "ppt/slides/slide1.xml", "Go")]
    assert package(files.pptm("ppaction://hlinksldjump")).signs == []


def test_what_the_ribbon_calls_at_once() -> None:
    ribbon = '<customUI xmlns="u" onLoad="Begin"><ribbon/></customUI>'
    found = package(files.docm(PROJECT, parts={"customUI/customUI14.xml": ribbon}))
    assert found.signs == [("autorun.open", "customUI/customUI14.xml", "Begin")]
