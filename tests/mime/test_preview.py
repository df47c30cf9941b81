from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.parse import parse
from lazaretto.mime.preview import LONGEST_TEXT, preview


def test_alternatives_are_both_shown_and_attachments_are_not() -> None:
    raw = (
        b"Subject: =?utf-8?q?=C3=BC?=\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
        b"--a\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfcn\r\n"
        b"--a\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<b>a=3D</b><script>x\r\n"
        b"--a\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nsecret\r\n--a--\r\n"
    )
    found = preview(parse(raw), ())
    assert found.headers[0] == ("Subject", "ü")
    assert found.properties.subject == "ü"
    assert found.text == "[1: text/plain]\ngrün\n\n[2: text/html]\na="
    assert not found.truncated


def test_what_acts_on_a_reader_is_taken_out() -> None:
    found = preview(parse("Subject: a\u202eb\nX: \x1b[31m\n\nx\x1b]0;y\x07\u2066z\n".encode()), ())
    assert found.headers == (("Subject", "a\ufffdb"), ("X", "\ufffd[31m"))
    assert found.text == "x\ufffd]0;y\ufffd\ufffdz"


def test_long_texts_are_cut() -> None:
    found = preview(parse(b"\n" + b"x" * 2_000_000), ())
    assert len(found.text) == LONGEST_TEXT
    assert found.truncated
    found = preview(
        parse(b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\n" + (b"x" * 200_000 + b"\n--a\n\n") * 9), ()
    )
    assert len(found.text) <= LONGEST_TEXT
    assert found.truncated


def test_long_headers_are_cut() -> None:
    found = preview(parse(b"X: " + b"y" * 20_000 + b"\n\n"), ())
    assert len(found.headers[0][1]) < 20_000
    assert found.truncated
    found = preview(parse(b"X: y\n" * 50_000 + b"\n"), ())
    assert len(found.headers) < 50_000
    assert found.truncated


@settings(max_examples=100, deadline=None)
@given(raw=st.from_type(bytes))
def test_any_bytes(raw: bytes) -> None:
    found = preview(parse(raw), ())
    assert "\x1b" not in found.text
    f"{found.headers}{found.text}".encode()
