from __future__ import annotations

import time

import pytest
from tests.engines.documents.make import linked, pdf, scripted, stream
from tests.engines.documents.weigh import grade, seen

from lazaretto import heuristics
from lazaretto.engines.documents import pdf as engine
from lazaretto.engines.documents.grade import Signs


def links(text: str) -> set[str]:
    signs = Signs(heuristics.load("documents"))
    engine.look_at_links(text, signs)
    return set(signs.seen)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://example.invalid/", set()),
        ("https://example.invalid/app.html?x=a.exe", set()),
        ("https://www.example.com", set()),
        ("https://example.invalid/setup.exe", {"link.program"}),
        ("https://example.invalid/a.vhdx?x", {"link.program"}),
        ("http://[2001:db8::1]/a.7z", {"link.number", "link.archive"}),
        ("http://3221225991/", {"link.number"}),
        ("http://known.example@example.invalid/", {"link.user"}),
        ("http://anna@example.invalid/", set()),
        ("ms-msdt:/id", {"link.scheme"}),
        ("file://example.invalid/a", set()),  # its unpacker says that
        ("file:///C:/a.pdf", set()),
        ("data:image/png;base64,AA", set()),
        ("data:text/html,a", {"link.scheme"}),
        ("tel:+43 1", set()),
        ("http://[", set()),
    ],
)
def test_links(link: str, expected: set[str]) -> None:
    assert links(link) == expected


def test_blanks_hide_no_word_in_a_script() -> None:
    assert "pdf.exploit" in seen("a.pdf", scripted(b"Collab \n. getIcon (a)"))


def test_a_form_with_a_script_is_one_with_javascript() -> None:
    config = b"<config><script><currentPage>0</currentPage></script></config>"
    data = pdf(b"/AcroForm<</XFA 10 0 R>>", objects={10: stream(config)})
    assert seen("a.pdf", data) == {"pdf.xfa"}


def test_a_picture_and_many_links_are_no_lure() -> None:
    few = [b"https://example.invalid/%d" % number for number in range(2)]
    many = [b"https://example.invalid/%d" % number for number in range(9)]
    assert grade("a.pdf", linked(*few, picture=True)) == "suspicious"
    assert grade("a.pdf", linked(*many, picture=True)) == ""


def test_an_honest_form_is_one() -> None:
    form = b"/OpenAction<</S/JavaScript/JS(this.calculateNow\\(\\))>>/AcroForm<</XFA 10 0 R>>"
    page = b"/Annots[<</A<</S/SubmitForm/F(https://example.invalid/)>>>>]"
    script = b'<script contentType="application/x-javascript">this.rawValue = 1;</script>'
    data = pdf(form, page, {10: stream(b"<template>" + script + b"</template>")})
    assert {"pdf.opening-script", "pdf.form", "pdf.xfa-script"} < seen("a.pdf", data)
    assert grade("a.pdf", data) == ""


def test_links_to_a_server_of_ones_own_are_not_malicious() -> None:
    for link in (b"file://files.example.invalid/s/a.docx", b"ms-word:ofe|u|https://example.invalid/a.docx"):
        assert grade("a.pdf", linked(link)) == "suspicious"


def test_a_manual_may_link_to_programs() -> None:
    links = (b"https://example.invalid/setup.exe", b"https://example.invalid/", b"https://example.invalid/help")
    assert grade("a.pdf", linked(*links)) == ""


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("this['export' + 'DataObject'](a)", {"pdf.export", "pdf.split-word"}),
        ('this["export"\n+ "DataObject"](a)', {"pdf.export", "pdf.split-word"}),
        ("this.\\u0065xport\\x44ataObject(a)", {"pdf.export", "pdf.split-word"}),
        ("this.export/* a */DataObject(a)", {"pdf.export", "pdf.split-word"}),
        ("this['unes' + 'cape'](a)", {"pdf.spray", "pdf.split-word"}),
        ("this.exportDataObject(a) /* never ends", {"pdf.export"}),
        ("a = 'export' + b + 'DataObject'", set()),
        ("/* /* */ */ /", set()),
    ],
)
def test_words_that_are_written_otherwise(script: str, found: set[str]) -> None:
    assert seen("a.pdf", scripted(script.encode())) & {"pdf.export", "pdf.spray", "pdf.split-word"} == found


def test_a_script_of_beginnings_of_comments_takes_no_time() -> None:
    signs = Signs(heuristics.load("documents"))
    start = time.process_time()
    engine._script("/*'+['\\u" * 200_000, "a", signs)
    assert time.process_time() - start < 3


def test_a_form_that_asks_an_office_is_no_threat() -> None:
    from tests.engines.documents import samples

    assert grade("a.pdf", samples.HARMLESS["tax-form.pdf"]) == ""
