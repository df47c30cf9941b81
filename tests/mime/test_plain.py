from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from lazaretto.mime import header, plain
from lazaretto.mime.parse import parse
from lazaretto.mime.readings import STANDARD
from lazaretto.mime.transfer import transfer
from lazaretto.mime.words import decode_words


def kept(raw: bytes, newline: bytes = b"\r\n") -> bytes:
    return b"".join(plain.fields(raw, parse(raw).root, newline))


def test_sound_fields_keep_their_bytes() -> None:
    sound = b"Received: from a\r\n\tby b; now \r\nSUBJECT:no blank\r\nFrom: \xc3\xa4 <a@b>\r\nX-Empty:\r\n"
    assert kept(sound + b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nbody") == sound.replace(
        b" \r\n", b"\r\n"
    )


@pytest.mark.parametrize(
    ("odd", "repaired"),
    [
        (b"From x Mon\r\nA: b\r\n", b"A: b\r\n"),
        (b"\xef\xbb\xbfA: b\r\n", b"A: b\r\n"),
        (b"A : b\r\n", b"A: b\r\n"),
        (b"A: b\0\x0b\x1bc\r\n", b"A: bc\r\n"),
        (b"A: b\rContent-Foo: c\r\n", b"A: b Content-Foo: c\r\n"),
        (b"A: b\r\n \r\nX-C: d\r\n", b"A: b\r\nX-C: d\r\n"),
        (b"A: b\r\njunk\r\n more\r\nSubject: c\r\n", b"A: b\r\nSubject: c\r\n"),
        (b"A: b\r\nContent_Type: c\r\nContent-Md5: d\r\n e\r\n", b"A: b\r\n"),
        (b"A: b\r\nC\xc3\xa4: d\r\n", b"A: b\r\n"),
        (b"A: content-\r\n-type: text/html\r\nC: d\r\n", b"A: content-\r\nC: d\r\n"),
        (b"A: b\nC: d\r\n", b"A: b\r\nC: d\r\n"),
    ],
)
def test_unsound_ones_are_repaired_or_left_out(odd: bytes, repaired: bytes) -> None:
    assert kept(odd + b"\r\nbody") == repaired


def test_no_line_is_longer_than_a_line_may_be() -> None:
    for value in (b"word " * 1000, b"x" * 5000):
        lines = kept(b"Subject: " + value + b"\r\n\r\n").split(b"\r\n")
        assert max(map(len, lines)) <= 998
        assert b"".join(lines).replace(b" ", b"") == b"Subject:" + value.replace(b" ", b"")


@pytest.mark.parametrize("name", [b"Subject", b"X-Note"])
def test_no_content_field_seems_to_stand_in_another(name: bytes) -> None:
    said = b"read Content-Type: multipart/mixed; boundary=a, \xe4 it says"
    field = kept(name + b": " + said + b"\r\n\r\n")
    assert not plain.odd(field)
    if name == b"Subject":
        assert decode_words(field[8:]) == "read Content-Type: multipart/mixed; boundary=a, ä it says"


@given(...)
def test_any_header_comes_out_sound(raw: bytes) -> None:
    made = kept(raw)
    again = parse(made + b"\r\nbody")
    assert again.root.defects == ()
    assert kept(made + b"\r\nbody") == made
    assert again.raw[again.root.body :] == b"body"


@pytest.mark.parametrize(
    ("kind", "single", "multipart"),
    [
        ("text/html", "text/html", "multipart/mixed"),
        ("application/pdf", "application/pdf", "multipart/mixed"),
        ("multipart/related", "text/plain", "multipart/related"),
        ("multipart/signed", "text/plain", "multipart/mixed"),
        ("multipart/;x", "text/plain", "multipart/mixed"),
        ("message/partial", "application/octet-stream", "multipart/mixed"),
        ("text/\u202ehtml", "text/plain", "multipart/mixed"),
        ("application/x-boundary", "application/octet-stream", "multipart/mixed"),
    ],
)
def test_types(kind: str, single: str, multipart: str) -> None:
    part = replace(parse(b"\n").root, media_type=kind)
    assert plain.media_type(part) == single
    if kind.startswith("multipart/"):
        assert plain.media_type(part, multipart=True) == multipart


def test_parameters_that_say_how_to_show_it_stay() -> None:
    raw = b'Content-Type: text/plain; charset="UTF-8"; format=flowed; name="x"; boundary=y; delsp="a b"\n\n'
    part = parse(raw).root
    assert plain.type_field(raw, part, STANDARD, "text/plain") == (
        'Content-Type: text/plain;\n charset="utf-8";\n format="flowed"'
    )


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (("a.txt", "b.exe"), "a.txt"),
        (("../../etc/passwd",), "passwd"),
        (("C:\\Windows\\a.exe",), "a.exe"),
        (("gpj.\u202eexe.", ""), "gpj.exe"),
        (("a\0.txt\r\nX: y",), "a.txtX_ y"),
        (("/", "..", "x"), "x"),
        (("=?utf-8?q?a?=",), "=_utf-8?q?a?="),
        (("a" * 300 + ".exe",), "a" * 100 + "a" * 96 + ".exe"),
        (("content-type-multipart.txt",), "attachment.txt"),
        ((), ""),
    ],
)
def test_names(names: tuple[str, ...], name: str) -> None:
    assert plain.name_of(replace(parse(b"\n").root, names=names)) == name


def test_only_names_that_need_it_are_encoded() -> None:
    def said(name: str) -> list[str]:
        return plain.about(b"\n", replace(parse(b"\n").root, names=(name,), disposition="inline", content_id="x@y"))

    assert said("a b.txt") == ['Content-Disposition: inline; filename="a b.txt"', "Content-ID: <x@y>"]
    assert said("ä.txt")[0] == "Content-Disposition: inline;\n filename*=utf-8''%C3%A4.txt"


@pytest.mark.parametrize(
    "text",
    [
        b"a\nb\n",
        b"long " * 20,
        b"a \r\nb",
        b"--a\r\nb",
        b" --a\r\nContent-Type: text/html\r\n\r\nb",
        b"From a\r\n",
        b".\r\n",
        b"begin 644 a\r\n",
        b"\xe4",
        b"a\0",
        b"a\rb",
        b"x\r\n" * 400_000,
    ],
)
def test_text_that_is_encoded(text: bytes) -> None:
    encoding, body = plain.body(text, "text/plain", b"\r\n")
    assert encoding == "base64"
    assert transfer(body, encoding).data == text
    assert all(len(line) <= 76 for line in body.split(b"\r\n"))


def test_text_that_stays() -> None:
    for newline in (b"\n", b"\r\n"):
        text = b"Hello," + newline * 2 + b"\tit is 7-bit." + newline
        assert plain.body(text, "text/plain", newline) == ("7bit", text)
        assert plain.body(text, "application/pdf", newline)[0] == "base64"


def test_nothing_but_fields_is_about_a_part() -> None:
    raw = b"Content-Location: http://a.example/b.png\nContent-Location: c d\n\n"
    assert plain.about(raw, parse(raw).root) == ["Content-Location: http://a.example/b.png"]
    assert [field.name for field in header.fields(raw, parse(raw).root)] == ["content-location"] * 2
