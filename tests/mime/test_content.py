from __future__ import annotations

import pytest

from lazaretto.mime import defects
from lazaretto.mime.content import Content, content
from lazaretto.mime.header import scan


def read(raw: bytes, default: str = "text/plain") -> Content:
    return content([field for field in scan(raw, 0, len(raw)) if field.name.startswith("content-")], default)


def test_nothing_said() -> None:
    assert read(b"Subject: x\n") == Content()
    assert read(b"", "message/rfc822").media_type == "message/rfc822"


def test_first_field_counts_but_all_names_are_kept() -> None:
    found = read(
        b"Content-Type: text/html; name=a.html\nContent-Type: application/pdf; name=b.pdf\n"
        b"Content-Disposition: attachment; filename=c.zip\nContent-Disposition: inline; filename=d.exe\n"
    )
    assert (found.media_type, found.disposition) == ("text/html", "attachment")
    assert found.names == ("c.zip", "a.html", "b.pdf", "d.exe")
    assert found.defects == (defects.DUPLICATE_FIELD,)


def test_same_field_twice_is_no_contradiction() -> None:
    assert read(b"Content-Type: text/html\nContent-Type:  text/html\n").defects == ()


@pytest.mark.parametrize(
    ("value", "boundary"),
    [
        (b'"a b"', b"a b"),
        (b"a b", b"a"),
        (b'"a\\"b"', b'a"b'),
        (b"=_x/y?z", b"=_x/y?z"),
        (b'"a  "', b"a"),
        (b"a (comment)", b"a"),
        (b'""', b""),
        (b'"unclosed', b"unclosed"),
    ],
)
def test_boundary(value: bytes, boundary: bytes) -> None:
    assert read(b"Content-Type: multipart/mixed; boundary=" + value + b"\n").boundary == boundary


@pytest.mark.parametrize(
    ("value", "media_type"),
    [(b"text", "text/plain"), (b"multipart; boundary=a", "multipart/mixed"), (b"", "text/plain"), (b"A/B;", "a/b")],
)
def test_media_type(value: bytes, media_type: str) -> None:
    assert read(b"Content-Type: " + value + b"\n").media_type == media_type


@pytest.mark.parametrize(
    ("value", "encoding"),
    [(b" BASE64 ", "base64"), (b"base64 (really)", "base64"), (b'"base64"', "base64"), (b"(base64)", "(base64)")],
)
def test_encoding(value: bytes, encoding: str) -> None:
    assert read(b"Content-Transfer-Encoding:" + value + b"\n").encoding == encoding


def test_charset_and_content_id() -> None:
    found = read(b"Content-Type: text/plain; charset=\"'UTF-8'\"\nContent-ID: <a@b>\n")
    assert (found.charset, found.content_id) == ("utf-8", "a@b")
