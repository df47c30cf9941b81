from __future__ import annotations

from typing import Any

import pytest

from lazaretto.unpack.pdf.filters import Meter
from lazaretto.unpack.pdf.holdings import Holdings, as_bytes, as_text
from lazaretto.unpack.pdf.scan import Scan


def held(data: bytes) -> tuple[Holdings, Scan]:
    scan = Scan(data, Meter())
    holdings = Holdings(scan)
    for place, value in scan.objects():
        holdings.walk(place, value)
    holdings.finish()
    return holdings, scan


def test_scripts_wherever_they_stand(pdf: Any) -> None:
    writer = pdf.writer().add(1, b"<</OpenAction<</S/JavaScript/JS(one)>>/AA<</O<</JS 2 0 R>>>>>>")
    writer.add(2, b"(two)").add(3, b"<</S/Rendition/J#53 4 0 R>>").stream(4, b"three")
    holdings, scan = held(writer.end())
    assert holdings.scripts == [(1, b"one"), (2, b"two")]
    assert holdings.names(scan.streams[0]) == ("script-4.js",)
    assert [found.name for found in holdings.findings()] == ["pdf.javascript", "pdf.opening", "pdf.escaped"]


def test_names_of_files(pdf: Any) -> None:
    writer = pdf.writer().add(1, b"<</Names[(key)2 0 R]>>").add(3, b"(by reference)").stream(4, b"x")
    writer.add(2, b"<</Type/Filespec/F(f.txt)/UF(\xfe\xff\0u)/DOS 3 0 R/Desc(about it)/EF<</F 4 0 R/UF 4 0 R>>>>")
    holdings, scan = held(writer.end())
    assert holdings.names(scan.streams[0]) == ("u", "f.txt", "by reference", "about it", "key")


def test_forms(pdf: Any) -> None:
    writer = pdf.writer().add(1, b"<</XFA[(template)3 0 R(datasets)4 0 R]>>").stream(3, b"<a/>").stream(4, b"<b/>")
    holdings, scan = held(writer.end())
    assert [holdings.names(each) for each in scan.streams] == [("xfa-template.xml",), ("xfa-datasets.xml",)]
    holdings, scan = held(pdf.writer().add(1, b"<</XFA 3 0 R>>").stream(3, b"<a/>").end())
    assert holdings.names(scan.streams[0]) == ("xfa.xml",)


def test_links(pdf: Any) -> None:
    writer = pdf.writer().add(1, b"<</S/URI/URI(http://a/)>>").add(2, b"<</URI 3 0 R>>").add(3, b"(http://b/)")
    writer.add(4, b"<</S/SubmitForm/F<</FS/URL/F(http://c/)>>>>")
    holdings, _ = held(writer.end())
    assert list(holdings.links) == ["http://a/", "http://b/", "http://c/"]


def test_long_strings(pdf: Any) -> None:
    writer = pdf.writer().add(1, b"<</Contents(" + b"a" * 300 + b")/T(short)>>").add(2, b"<" + b"4d5a00" * 100 + b">")
    holdings, _ = held(writer.end())
    assert holdings.strings == [b"a" * 300]
    assert holdings.octets == [(2, b"MZ\0" * 100)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"\xfe\xff\0a\x20\xac", "a€"),
        (b"\xff\xfea\0", "a"),
        (b"\xef\xbb\xbf\xe2\x82\xac", "€"),
        (b"\xe4", "ä"),
    ],
)
def test_text(raw: bytes, text: str) -> None:
    assert as_text(raw) == text


def test_scripts_in_utf16_become_searchable() -> None:
    assert as_bytes(b"\xfe\xff\0e\0v\0a\0l") == b"eval"
    assert as_bytes(b"eval\xe4") == b"eval\xe4"


def test_too_much_is_said(pdf: Any) -> None:
    writer = pdf.writer()
    for number in range(20_500):
        writer.add(number, b"<</JS(%d)>>" % number)
    holdings, _ = held(writer.end())
    assert holdings.full
    assert len(holdings.scripts) == 20_000


def test_names_that_no_search_finds(pdf: Any) -> None:
    holdings, _ = held(pdf.writer().add(1, b"<</O#70enAction 5/A#20b 6/JS(a)>>").end())
    assert {found.name: found.evidence for found in holdings.findings()}["pdf.escaped"] == ("OpenAction",)


def test_filters_that_nobody_needs(pdf: Any) -> None:
    writer = pdf.writer().stream(1, b"a", b"/Filter[/AHx/Fl]").stream(2, b"a", b"/Filter[/AHx/A85/Fl]")
    writer.stream(3, b"a", b"/Filter/JBIG2Decode").stream(4, b"a", b"/Filter/JBIG2Decode/Subtype/Image")
    holdings, _ = held(writer.end())
    (found,) = holdings.findings()
    assert found.name == "pdf.filters"
    assert found.evidence == ("object 2: ASCIIHexDecode ASCII85Decode FlateDecode", "object 3: JBIG2Decode")


def test_nothing_to_read_but_a_picture_and_a_link(pdf: Any) -> None:
    def picture(*objects: bytes, pages: int = 1) -> set[str]:
        writer = pdf.writer().stream(1, b"a", b"/Subtype/Image").add(2, b"<</URI(http://a/)>>")
        for number in range(pages):
            writer.add(10 + number, b"<</Type /Page>>")
        for number, each in enumerate(objects):
            writer.add(30 + number, each)
        return {found.name for found in held(writer.end())[0].findings()}

    assert picture() == {"pdf.picture"}
    assert picture(pages=2) == {"pdf.picture"}
    assert picture(pages=3) == picture(pages=0) == set()
    assert picture(b"<</Type/Font/BaseFont/A>>") == set()
    assert picture(b"<</URI(http://b/)>>", b"<</URI(http://c/)>>") == set()


def test_a_link_over_a_great_part_of_a_page(pdf: Any) -> None:
    def wide(annotation: bytes, page: bytes = b"<</MediaBox [ 0 0 500 1000.0]>>") -> tuple[str, ...]:
        writer = (
            pdf.writer().add(2, annotation).add(1, page).add(3, b"<</S/URI/URI(http://a/)>>").add(4, b"[0 9 500 509]")
        )
        found = {each.name: each.evidence for each in held(writer.end())[0].findings()}
        return found.get("pdf.wide-link", ())

    assert wide(b"<</Rect[0 0 500 500]/A<</URI(http://a/)>>>>") == ("50% of a page: http://a/",)
    assert wide(b"<</Rect 4 0 R/A 3 0 R>>") == ("50% of a page: http://a/",)
    assert wide(b"<</Rect[500 900 0 -900]/A 3 0 R>>") == ("100% of a page: http://a/",)
    assert wide(b"<</Rect[0 0 500 99]/A 3 0 R>>") == wide(b"<</Rect[0 0 500 /A]/A 3 0 R>>") == ()
    assert wide(b"<</Rect[0 0 500 500]/A 3 0 R>>", b"<</MediaBox[0 0 . 9]>>") == ("50% of a page: http://a/",)
