from __future__ import annotations

import pytest

from lazaretto.unpack.text import identify_text, looks_like_mail

MAIL = b"Received: from a by b;\r\n Mon, 1 Jan 2026 00:00:00 +0000\r\nFrom: a@b\r\nSubject: hello\r\n\r\nhello\r\n"


@pytest.mark.parametrize(
    "data",
    [
        MAIL,
        MAIL.replace(b"\r\n", b"\n"),
        MAIL.replace(b"\r\n", b"\r"),
        b"\r\n\r\n" + MAIL,
        b"\xef\xbb\xbf" + MAIL,
        b"From a@b Mon Jan  1 00:00:00 2026\n" + MAIL,
        b">From a@b Mon Jan  1 00:00:00 2026\n" + MAIL,
        b"MIME-Version: 1.0\n\nbody",
        b"X-Own: 1\nSubject: only one known field\n\nbody",
        b"Subject: a\nFrom: b",
        b"From: a\njunk without a colon\nTo: b\n\n",
        b"Content-Type : text/plain\nContent-Transfer-Encoding : base64\n\nAAAA",
    ],
)
def test_mail(data: bytes) -> None:
    assert looks_like_mail(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello\nFrom: a\nTo: b\n",
        b"To: everybody, with love",
        b"key: value\nother: value\n\n",
        b"From the beginning of this text\n",
        b"<html>\nFrom: a\nTo: b",
        b"\x00\x01From: a\nTo: b\n\n",
        b"Date: 1\n" + b"no field\n" * 10 + b"From: a\n",
    ],
)
def test_no_mail(data: bytes) -> None:
    assert not looks_like_mail(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (MAIL, "message/rfc822"),
        (b"From a@b Mon Jan  1 00:00:00 2026\nSubject: x\n\nbody\n", "application/mbox"),
        (b"plain text\n", "text/plain"),
        ("grüße, 世界\n".encode(), "text/plain"),
        ("grüße\n".encode("latin-1"), "text/plain"),
        ("Привет, как дела?\n".encode("koi8-r"), "text/plain"),
        ("grüße\n".encode("utf-16"), "text/plain"),
        ("hello there\n".encode("utf-16-le"), "text/plain"),
        ("<html><body>".encode("utf-16-be"), "text/html"),
        (b"  <!-- comment -->\n<!DOCTYPE html><p>", "text/html"),
        (b"\xef\xbb\xbf<HTML>", "text/html"),
        (b"some words first <html><script>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"a < b and b > c", "text/plain"),
        (b'<?xml version="1.0"?><note/>', "text/xml"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="">', "image/svg+xml"),
        (b"<svg onload=alert(1)>", "image/svg+xml"),
        (b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x"><svg:svg>', "image/svg+xml"),
        (b'<?xml version="1.0"?><html>', "text/html"),
        ("<html><body>".encode("utf-32"), "text/html"),
        ("<html><body>".encode("utf-32-le"), "text/html"),
        ("<html><body>".encode("utf-32-be"), "text/html"),
        (b"+ADw-html+AD4-", "text/html"),
        (b"+ADwAaAB0AG0AbAA+-", "text/html"),
        (b"1 +ADw- 2", "text/plain"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "text/calendar"),
        (b"\xef\xbb\xbf\r\nbegin:vcard\r\nversion:2.1\r\n", "text/vcard"),
        ("BEGIN:VCARD\nVERSION:3.0\n".encode("utf-16"), "text/vcard"),
        (b"BEGIN:VEVENT\n", "text/plain"),
        (b"\x00\x01\x02\x03", None),
        (bytes(range(128, 256)) * 10, None),
    ],
)
def test_kinds_of_text(data: bytes, expected: str | None) -> None:
    assert identify_text(data) == expected


def test_a_character_cut_by_the_sample_is_no_damage() -> None:
    assert identify_text(b"a" * 4095 + "é".encode() + b"b" * 100) == "text/plain"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.js", "text/javascript"), ("A.VBS ", "text/vbscript"), ("x.ps1", "text/x-powershell"), ("b", "text/plain")],
)
def test_names_tell_scripts_apart(name: str, expected: str) -> None:
    assert identify_text(b"x = 1\n", (name,)) == expected
    assert identify_text(b"<html>", (name,)) == "text/html"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">', "text/xml"),
        (b'\n<a:b\n c="d"\n xmlns:a="e">', "text/xml"),
        (b"+ADw-?xml version=+ACI-1.0+ACI-?+AD4-", "text/xml"),
        (b"+ADw-html+AD4-", "text/html"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml">', "text/html"),
        (b"<b> xmlns", "text/html"),
        (b"<mail@example.com> xmlns", "text/plain"),
    ],
)
def test_xml_without_a_declaration(data: bytes, kind: str) -> None:
    assert identify_text(data) == kind
