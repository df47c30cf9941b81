from __future__ import annotations

import base64
import gzip
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import defects
from lazaretto.mime.parse import parse
from lazaretto.mime.transfer import body, decoded, doubtful, rivals, transfer
from lazaretto.model import Part


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=300).map(lambda data: data.replace(b"\r", b"")))  # quopri makes line ends alike
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


def leaf(header: bytes, encoded: bytes) -> tuple[bytes, Part]:
    raw = header + b"\n\n" + encoded
    return raw, parse(raw).root


def read(header: bytes, encoded: bytes) -> dict[str, bytes]:
    """Reading and data of each rival of a message of one part."""
    raw, part = leaf(header, encoded)
    first = decoded(raw, part)
    return {rival.reading: rival.data for rival in rivals(raw, part, first)} if doubtful(part, first) else {}


def test_ordinary_bodies_leave_no_doubt() -> None:
    for header, encoded in (
        (b"Subject: x", b"hello = nothing"),
        (b"Content-Transfer-Encoding: base64", base64.encodebytes(b"hello")),
        (b"Content-Transfer-Encoding: Quoted-Printable ", b"h=C3=A4llo=\n"),
        (b"Content-Transfer-Encoding: 8BIT", b"aGVsbG8="),
    ):
        raw, part = leaf(header, encoded)
        assert not doubtful(part, decoded(raw, part))


def test_two_fields_are_read_both_ways() -> None:
    both = b"Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64"
    assert read(both, b"aGVsbG8=")["base64"] == b"hello"


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Transfer-Encoding:: base64",
        b"Content-Transfer-Encoding: 7bit base64",
        b"Content-Transfer-Encoding: b",
        b"Content-Transfer-Encoding: =?utf-8?q?base64?=",
        b"X-Odd: y\n Content-Transfer-Encoding: base64",
        b"X: y\n \nContent-Transfer-Encoding: base64",
    ],
)
def test_a_known_word_anywhere_is_tried(field: bytes) -> None:
    encoded = base64.b64encode(b"hello, hello")
    raw, part = leaf(b"Subject: x\n" + field, encoded)
    first = decoded(raw, part)
    assert b"hello, hello" in {first.data, *(rival.data for rival in rivals(raw, part, first))}


def test_unregistered_encodings_are_undone_and_left_alone() -> None:
    encoded = b"begin 644 x\n%:&5L;&\\\n`\nend\n"
    raw, part = leaf(b"Content-Transfer-Encoding: x-uuencode", encoded)
    first = decoded(raw, part)
    assert first.data == b"hello"
    assert [rival.data for rival in rivals(raw, part, first)] == [encoded]


def test_gzip64_is_base64_of_a_gzip_file() -> None:
    data = gzip.compress(b"hello")
    assert transfer(base64.encodebytes(data), "x-gzip64").data == data


@pytest.mark.parametrize("between", [b"\x12", b" ", b"\r\n", b"\t"])
def test_escapes_are_found_whatever_stands_between(between: bytes) -> None:
    encoded = between.join(b"=%02X" % byte for byte in b"hellohello")
    assert b"hellohello" in read(b"Content-Transfer-Encoding: quoted-printable", encoded).values()


def test_what_is_no_escape_is_dropped_too() -> None:
    found = read(b"Content-Transfer-Encoding: quoted-printable", b"=XX=68=XX=69=\n")
    assert found["quoted-printable-cleaned"] == b"hi"


@settings(max_examples=150, deadline=None)
@given(header=st.binary(max_size=80), encoded=st.binary(max_size=200))
def test_rivals_differ_from_the_first_and_from_each_other(header: bytes, encoded: bytes) -> None:
    raw, part = leaf(b"Content-Transfer-Encoding: base64\n" + header, encoded)
    first = decoded(raw, part)
    found = [rival.data for rival in rivals(raw, part, first)]
    assert len({first.data, *found}) == len(found) + 1
