from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from lazaretto.model import Severity

WORD = (
    '<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">'
    '<w:binData w:name="%s" xml:space="preserve">%s</w:binData></w:wordDocument>'
)
FLAT = (
    '<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
    '<pkg:part pkg:name="/word/embeddings/a.bin"><pkg:binaryData>%s</pkg:binaryData></pkg:part></pkg:package>'
)
ODF = '<office:document xmlns:office="o"><draw:image><office:binary-data>%s</office:binary-data></draw:image>'


def digits(data: bytes, width: int = 76) -> str:
    text = base64.b64encode(data).decode()
    return "\r\n".join(text[at : at + width] for at in range(0, len(text), width))


def test_objects_in_one_file(kit: Any) -> None:
    found = kit.exploded((WORD % ("wordml://02000001.wmz", digits(kit.payload))).encode(), "a.doc")
    assert found.data["a.doc!02000001.wmz"] == kit.payload
    flat = (FLAT % digits(kit.payload)).encode()
    assert kit.exploded(flat, "a.xml").data["a.xml!word/embeddings/a.bin"] == kit.payload
    assert kit.exploded(kit.zip_of({"a.xml": flat}), "b.zip").data["b.zip!a.xml!word/embeddings/a.bin"] == kit.payload
    assert kit.exploded((ODF % digits(kit.payload)).encode(), "a.fodt").data["a.fodt!binary-data.bin"] == kit.payload
    assert kit.exploded((FLAT % digits(kit.payload)).encode("utf-16"), "a.xml").holds(kit.payload)


def test_digits_are_read_leniently(kit: Any) -> None:
    large = kit.payload * 100_000
    assert kit.exploded((FLAT % digits(large, 77)).encode(), "a").data["a!word/embeddings/a.bin"] == large
    odd = " \t".join(digits(kit.payload).rstrip("=")) + "!A"
    assert kit.exploded((FLAT % odd).encode(), "a").holds(kit.payload)
    assert kit.exploded((FLAT % "A").encode(), "a").findings == []


def laughs() -> str:
    rows = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{rows}]><x>&l9;</x>'


@pytest.mark.parametrize("name", ["a.xml", "a.svg"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be"])
def test_bombs(kit: Any, name: str, codec: str) -> None:
    text = laughs()
    if name == "a.svg":
        text = text.replace("<x>", "<svg>").replace("</x>", "</svg>").replace("DOCTYPE x", "DOCTYPE svg")
    start = time.process_time()
    found = kit.exploded(text.encode(codec), name)
    assert found.finding("xml.entities").severity is Severity.MEDIUM
    assert time.process_time() - start < 1
    zipped = kit.zip_of({"[Content_Types].xml": text.encode(codec), "word/document.xml": b"<w/>"})
    assert kit.exploded(zipped, "a.docx").finding("xml.entities").artifact == "a.docx![Content_Types].xml"


def test_the_quadratic_bomb(kit: Any) -> None:
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><x>{"&a;" * 100_000}</x>'
    assert "10000000000 characters" in kit.exploded(text.encode(), "a").finding("xml.entities").evidence[0]


def test_entities_from_outside(kit: Any) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    found = kit.exploded(text.encode(), "a").finding("xml.entities")
    assert (found.severity, found.evidence) == (Severity.MEDIUM, ("from outside: file:///etc/passwd",))


def test_harmless_ones_are_noted_and_their_texts_given(kit: Any) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "<script>x</script>">]><svg>&a;</svg>'
    found = kit.exploded(text.encode(), "a.svg")
    assert found.finding("xml.entities").severity is Severity.INFORMATIONAL
    assert b"<script>" in found.data["a.svg!entities.xml"]


def test_ordinary_xml(kit: Any) -> None:
    assert kit.exploded(b'<?xml version="1.0"?><x>&amp;</x>', "a.xml").findings == []


def test_too_long_to_read(kit: Any) -> None:
    data = b'<?xml version="1.0"?><x>' + b" " * (65 << 20) + b"<pkg:binaryData>"
    assert "limit.xml" in kit.exploded(data, "a.xml").names


@pytest.mark.parametrize(
    "piece", ["<binData>", "<w:binData>QUJD", "<!ENTITY a '", '<pkg:part pkg:name="', "<binData ="]
)
def test_time_is_linear(kit: Any, piece: str) -> None:
    start = time.process_time()
    kit.exploded(b'<?xml version="1.0"?><x>' + (piece * (3_000_000 // len(piece))).encode(), "a", count=50)
    assert time.process_time() - start < 5


def test_an_object_is_given_once(kit: Any) -> None:
    """Base64 in the text is looked for as well, but has no name there."""
    inner = kit.zip_of({"run.js": kit.payload * 9})
    found = kit.exploded((FLAT % digits(inner, 10**6)).encode(), "a.xml")
    assert [each.path for each in found.artifacts if each.data == inner] == ["a.xml!word/embeddings/a.bin"]
    assert found.data["a.xml!word/embeddings/a.bin!run.js"] == kit.payload * 9


def test_drawings_in_an_attribute(kit: Any) -> None:
    inner = kit.zip_of({"drs/a.xml": b"<x/>" * 500, "run.js": kit.payload * 9})
    lines = digits(inner).replace("\r\n", "&#xA;")
    text = f'<w:document xmlns:w="w"><v:shape o:gfxdata="{lines}"/></w:document>'
    found = kit.exploded(text.encode(), "document.xml")
    assert found.data["document.xml!gfxdata.zip!run.js"] == kit.payload * 9
    assert found.findings == []


@pytest.mark.parametrize(
    "within", ["<!-- a -->{}<?a b?>", "<![CDATA[{}]]>", "<!-- a --><![CDATA[{}]]><!-- b -->"], ids=range(3)
)
def test_digits_with_something_else_between_them(kit: Any, within: str) -> None:
    text = base64.b64encode(kit.payload).decode()
    pieces = "".join(within.format(text[at : at + 5]) for at in range(0, len(text), 5))
    assert kit.exploded((FLAT % pieces).encode(), "a").data["a!word/embeddings/a.bin"] == kit.payload


def test_digits_written_as_references(kit: Any) -> None:
    text = "".join(f"&#{ord(each)};" for each in base64.b64encode(kit.payload).decode())
    assert kit.exploded((FLAT % text).encode(), "a").data["a!word/embeddings/a.bin"] == kit.payload


def test_entities_in_the_parts_of_a_document_are_odd(kit: Any) -> None:
    text = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'http://h/'>]><{0} xmlns:office='o' a='&b;'/>"
    odd = kit.exploded(text.format("office:document-content").encode(), "content.xml").finding("xml.entities")
    usual = kit.exploded(text.format("svg").encode(), "a.xml").finding("xml.entities")
    assert (odd.severity, usual.severity) == (Severity.MEDIUM, Severity.INFORMATIONAL)
