from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.unpack.html import markup

PAGE = '<html><a title="grüße">'


@pytest.mark.parametrize(
    "charset",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252"],
)
def test_charsets(charset: str) -> None:
    assert markup.readings(PAGE.encode(charset))[0].removeprefix("\ufeff") == PAGE


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"<meta charset=koi8-r>" + "Привет".encode("koi8-r"), "Привет"),
        (b'<?xml version="1.0" encoding="Shift_JIS"?>' + "世界".encode("shift_jis"), "世界"),
        (b"<meta charset=utf-7>+ADw-script+AD4-", "<script>"),
        (b"+ADw-script+AD4-", "<script>"),
        (b"+ADwAcwBjAHIAaQBwAHQAPg-", "<script>"),
        (b"<meta charset=utf-16><script>", "<script>"),
        (b"<scr\0ipt>", "<script>"),
        (b"<meta charset=nonsense><b>", "<b>"),
    ],
)
def test_readings(data: bytes, seen: str) -> None:
    assert any(seen in text for text in markup.readings(data))


def test_a_declared_charset_does_not_hide_the_plain_reading() -> None:
    assert "<b>data:" in markup.readings(b"<meta charset=iso-2022-kr><b>data:")[0]


def test_scripts() -> None:
    text = "<SCRIPT src=x>one</script ><p><svg:script>two</svg:script><scripture>no</scripture><script>three"
    assert [text[start:stop] for start, stop in markup.scripts(text)] == ["one", "two", "three"]


def test_attributes_and_their_names() -> None:
    text = "<a HREF = \"one's\" xlink:href='two' onload=three>four=\"five"
    found = [(markup.name_of(text, each), each.value) for each in markup.attributes(text, 0, len(text))]
    assert found == [("href", "one's"), ("xlink:href", "two"), ("onload", "three"), ("four", "five")][:3]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ('<a download="a&#46;zip" href=X>', "a.zip"),
        ("<a href=X download='b.zip'>", "b.zip"),
        ("<a href=X download = c.zip>", "c.zip"),
        ("<a download=other.zip><a href=X>", ""),
        ("<a href=X><a download=other.zip>", ""),
    ],
)
def test_the_name_of_a_download(tag: str, name: str) -> None:
    at = tag.index("X")
    assert markup.download_name(tag, at, at + 1) == name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&#100;&#x61;&#0116a&#X3A;", "data:"),
        ("&#100ata&colon;", "data:"),
        ("&lt;&ltb&gt;", "<<b>"),
        ("&amp;#100;", "&#100;"),
        ("&unknown; &", "&unknown; &"),
        ("&#" + "9" * 5000 + ";&#0;&#xD800;&#x110000;", "\ufffd" + "9" * 4993 + ";\ufffd\ufffd\ufffd"),
    ],
)
def test_entities(written: str, read: str) -> None:
    assert markup.entities_decoded(written) == read


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    for text in markup.readings(data):
        text.encode("utf-8")
        for start, stop in markup.scripts(text):
            assert 0 <= start <= stop <= len(text)
        for attribute in markup.attributes(text, 0, len(text)):
            markup.name_of(text, attribute)
            markup.download_name(text, attribute.start, attribute.stop)
        markup.entities_decoded(text)


def test_a_page_that_is_wide_but_for_its_beginning() -> None:
    data = b"held = 'x';" + ("var a;" * 40).encode("utf-16-le")
    assert any(reading.startswith("held = 'x';var a;") for reading in markup.readings(data))
