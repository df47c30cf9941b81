from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.mime import elements

XML = '<?xml version="1.0"?><!-- <no/> --><a:Root x="1 > 0" p:y=\'&lt;ä\'><![CDATA[<no/>]]><b/>text</a:Root>'


def test_tags_outside_comments_and_sections() -> None:
    found = list(elements.elements(XML))
    assert [(each.prefix, each.name, each.closing) for each in found] == [
        ("a", "root", False),
        ("", "b", False),
        ("a", "root", True),
    ]
    assert found[0].attributes == {"x": "1 > 0", "y": "<ä"}
    assert found[1].text == "text"


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp037"]
)
def test_whatever_it_is_written_in(codec: str) -> None:
    root = elements.root(XML.encode(codec))
    assert root
    assert root.name == "root"
    assert root.attributes["x"] == "1 > 0"


@pytest.mark.parametrize("start", ['<?xml version="1.0" encoding="UTF-7"?>', "+ADw-?xml version=+ACI-1.0+ACI-?+AD4-"])
def test_utf_7(start: str) -> None:
    root = elements.root(start.encode() + b"+ADw-Relationships Target=+ACI-x+ACI-/+AD4-")
    assert root
    assert (root.name, root.attributes) == ("relationships", {"target": "x"})


def test_named_tags_only() -> None:
    text = "<x><Relationship Id='1'/><p:relationship Id=\"2\"></p:relationship><RelationshipS Id='3'/>"
    assert [each.attributes["id"] for each in elements.named(text, "Relationship")] == ["1", "2"]


def test_a_tag_that_never_ends() -> None:
    (found,) = elements.elements('<a b="c')
    assert found.attributes == {}
    assert found.text == ""
    assert [each.name for each in elements.elements('<a b="c <d e="f">')] == ["a", "d"]


@pytest.mark.parametrize(
    "piece", ["<!--", "<a '", '<a b="', "<![CDATA[", "<?", "<a ", "<", "<a b=c>", "'", "<a \"'>", "<!DOCTYPE "]
)
def test_time_is_linear(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    start = time.process_time()
    for each in (*elements.elements(text), *elements.named(text, "a")):
        assert not each.attributes
    assert time.process_time() - start < 5


@given(st.binary(max_size=300), st.sampled_from([b"", b"<?xml encoding='", b"\xff\xfe", b"+ADw", b"<\0"]))
def test_any_bytes(data: bytes, start: bytes) -> None:
    for each in elements.elements(elements.document(start + data)):
        assert each.end > each.start
        each.attributes, each.text  # noqa: B018


@pytest.mark.parametrize(
    "before",
    [
        f"<!--{' ' * 70_000}-->",
        "<!DOCTYPE root [<!ENTITY a '<html>'><!-- <no> ]> --><?no ]>?>]>",
        f'<!DOCTYPE root SYSTEM "<no>" [{" " * 70_000}]>',
    ],
    ids=["a long comment", "a document type", "a long document type"],
)
def test_the_first_tag_is_found_behind_anything(before: str) -> None:
    root = elements.root(f"<?xml version='1.0'?>{before}<root/>".encode())
    assert root
    assert root.name == "root"


@pytest.mark.parametrize("prefix", ["a" * 100, "a\u00b7b", "ä"])
def test_named_tags_under_any_prefix(prefix: str) -> None:
    (found,) = elements.named(f"<{prefix}:Relationship a='b'/>", "Relationship")
    assert (found.prefix, found.attributes) == (prefix, {"a": "b"})


def test_of_attributes_of_one_name_that_without_a_prefix_counts() -> None:
    (found,) = elements.elements('<a x:href="1" href="2" y:href="3">')
    assert found.attributes == {"href": "2"}
    assert found.values("href") == ["1", "2", "3"]


def test_a_million_attributes() -> None:
    start = time.process_time()
    (found,) = elements.elements("<a " + 'b="c" ' * 1_000_000 + ">")
    assert found.attributes == {"b": "c"}
    assert time.process_time() - start < 5


@pytest.mark.parametrize("text", ["<a/><?", "<a/><!--", "<a/><![CDATA[", "<?", "<", "<!", "<!DOCTYPE"])
def test_a_text_may_end_anywhere(text: str) -> None:
    assert [each.name for each in elements.elements(text)] == ["a"] * text.count("<a/>")
