from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import defects
from lazaretto.mime.decode import body, text, transfer
from lazaretto.mime.parse import parse


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=300))
def test_what_the_standard_library_encodes_comes_back(data: bytes) -> None:
    assert transfer(base64.encodebytes(data), "base64") == (data, ())
    assert transfer(base64.encodebytes(data).replace(b"\n", b"\r\n"), "base64") == (data, ())
    assert transfer(quopri.encodestring(data), "quoted-printable").data == data


@settings(max_examples=80, deadline=None)
@given(data=st.from_type(bytes), encoding=st.sampled_from(["", "base64", "quoted-printable", "x-uuencode", "what?"]))
def test_any_bytes_decode_to_something(data: bytes, encoding: str) -> None:
    assert isinstance(transfer(data, encoding).data, bytes)


@pytest.mark.parametrize(
    ("encoded", "expected", "odd"),
    [
        (b"aGVsbG8=", b"hello", ()),
        (b"aGVsbG8=\r\n\r\n", b"hello", ()),
        (b"aGVsbG8", b"hello", (defects.BASE64_SHORT,)),
        (b"aGVsbG8=aGVsbG8=", b"hellohello", (defects.BASE64_AFTER_PADDING,)),
        (b"aGVs\0!bG8=", b"hello", (defects.BASE64_JUNK,)),
        (b"aGVsbG8=" + b"\n" * 80 + b"aGVs", b"hellohel", (defects.BASE64_AFTER_PADDING,)),
        (b"aGVsb", b"hel", (defects.BASE64_SHORT,)),
        (b"====", b"", ()),
        (b"", b"", ()),
    ],
)
def test_base64(encoded: bytes, expected: bytes, odd: tuple[str, ...]) -> None:
    assert transfer(encoded, "base64") == (expected, odd)


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"a=3Db=\r\nc=\nd", b"a=bcd"),
        (b"a= \t\r\nb", b"ab"),
        (b"a=\rb=3d\nc", b"ab=\nc"),
        (b"a=\r\r\nb", b"ab"),
        (b"a=3db=c3=bc", b"a=b\xc3\xbc"),
        (b"a==41", b"a=A"),
        (b"===41", b"==A"),
        (b"a=zz=", b"a=zz"),
    ],
)
def test_quoted_printable(encoded: bytes, expected: bytes) -> None:
    assert transfer(encoded, "quoted-printable").data == expected


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("base64, quoted-printable", b"aGVsbG8="),
        ("x-base64", b"aGVsbG8="),
        ("nonsense", base64.b64encode(b"hello" * 20)),
        ("nonsense", b"=68=65=6C=6C=6F" * 20),
        ("nonsense", b"begin 644 x\n%:&5L;&\\\n`\nend\n"),
    ],
)
def test_odd_encodings_are_decoded_and_told(encoding: str, encoded: bytes) -> None:
    data, odd = transfer(encoded, encoding)
    assert data.startswith(b"hello")
    assert defects.BAD_ENCODING in odd


def test_unknown_encoding_of_plain_text_is_left_alone() -> None:
    assert transfer(b"just a text = nothing else\n", "nonsense").data == b"just a text = nothing else\n"


def test_body_of_a_multipart_and_of_a_part() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=a\nContent-Transfer-Encoding: base64\n\n--a\n\nx\n--a--\n"
    message = parse(raw)
    assert body(message, message.root) == b"--a\n\nx\n--a--\n"
    assert body(raw, message.root.children[0]) == b"x"


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (b"gr\xfc\xdfe", "iso-8859-1", "grüße"),
        (b"gr\xfc\xdfe", "", "grüße"),
        ("grüße".encode(), "", "grüße"),
        (b"\x93x\x94", "ISO-8859-1", "“x”"),
        ("漢字".encode("gb18030"), "gb2312", "漢字"),
        ("漢字".encode("iso2022_jp"), "iso-2022-jp", "漢字"),
        ("x".encode("utf-16"), "", "x"),
        (b"+2AA-", "utf-7", "\ufffd"),
        (b"\xff", "utf-8", "\ufffd"),
        (b"abc", "rot13", "abc"),
        (b"abc", "no such charset\0", "abc"),
        (b"abc", "punycode", "abc"),
    ],
)
def test_text(data: bytes, charset: str, expected: str) -> None:
    assert text(data, charset) == expected


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60), charset=st.one_of(st.text(max_size=12), st.sampled_from(["utf-7", "utf-16", "hz"])))
def test_text_never_raises_and_can_be_encoded(data: bytes, charset: str) -> None:
    text(data, charset).encode()
