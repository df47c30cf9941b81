from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import defects
from lazaretto.mime.header import RECIPIENTS_SHOWN, SUBJECT_SHOWN, fields, properties, split
from lazaretto.mime.parse import parse
from lazaretto.model import Address


@pytest.mark.parametrize(
    ("raw", "body", "odd"),
    [
        (b"A: b\r\n\r\nx", 8, ()),
        (b"A: b\n\nx", 6, ()),
        (b"A: b\r\r\n\r\r\nx", 10, ()),
        (b"\nx", 1, ()),
        (b"A: b\n c\n\nx", 9, ()),
        (b"A: b\n \nC: d\n\nx", 13, ()),
        (b"A: b", 4, (defects.NO_SEPARATOR,)),
        (b"A: b\nplain text\n\nx", 5, (defects.NO_SEPARATOR,)),
        (b"A: b\nplain text\nSubject: c\n\nx", 28, (defects.JUNK_LINE,)),
        (b" starts with a blank\nX-a : c\n\nx", 30, (defects.JUNK_LINE,)),
        (b"From me\nA: b\n\nx", 14, (defects.MBOX_LINE,)),
        (b"\xef\xbb\xbfA: b\n\nx", 9, (defects.BYTE_ORDER_MARK,)),
    ],
)
def test_where_the_body_begins(raw: bytes, body: int, odd: tuple[str, ...]) -> None:
    assert split(raw, 0, len(raw)) == (body, odd)


def listed(raw: bytes) -> list[tuple[str, bytes, bytes]]:
    return [(field.name, field.value, raw[field.start : field.end]) for field in fields(raw, parse(raw).root)]


def test_fields() -> None:
    raw = b"Subject: one\r\n two\r\nX-A \t: b\rc\r\njunk\r\nTO:a@b\n\nbody: no"
    assert listed(raw) == [
        ("subject", b" one\r\n two", b"Subject: one\r\n two"),
        ("x-a", b" b\rc", b"X-A \t: b\rc"),
        ("to", b"a@b", b"TO:a@b"),
    ]


def test_fields_behind_a_byte_order_mark_and_of_a_part() -> None:
    assert listed(b"\xef\xbb\xbfSubject: x\n\n") == [("subject", b" x", b"Subject: x")]
    raw = b"Content-Type: multipart/mixed; boundary=a\n\n--a\nX: y\n\n--a--\n"
    assert [field.name for field in fields(raw, parse(raw).root.children[0])] == ["x"]


@settings(max_examples=100, deadline=None)
@given(raw=st.from_type(bytes))
def test_fields_are_in_order_and_in_the_header(raw: bytes) -> None:
    root = parse(raw).root
    at = 0
    for field in fields(raw, root):
        assert at <= field.start < field.end <= root.body
        assert raw[field.start : field.end].endswith(field.value)
        at = field.end


def test_properties() -> None:
    raw = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@a.b>\r\nTo: x@y.z\r\nCc: G: p@q.r;\r\nSubject: =?utf-8?b?w7w=?=\r\n"
        b"Subject: second\r\nMessage-ID: <1@a.b>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nbody"
    )
    found = properties(parse(raw))
    assert found.subject == "ü"
    assert found.sender == Address("j@a.b", "Jörg")
    assert found.recipients == (Address("x@y.z"), Address("p@q.r"))
    assert (found.message_id, found.size) == ("<1@a.b>", len(raw))
    assert found.date.startswith("Mon")


def test_properties_are_bounded() -> None:
    found = properties(parse(b"Subject: " + b"x" * 100_000 + b"\nTo: " + b"a@b," * 100_000 + b"\n\n"))
    assert len(found.subject) == SUBJECT_SHOWN
    assert len(found.recipients) == RECIPIENTS_SHOWN


@settings(max_examples=100, deadline=None)
@given(raw=st.from_type(bytes))
def test_properties_of_any_bytes(raw: bytes) -> None:
    found = properties(parse(raw))
    f"{found.subject}{found.sender}{found.recipients}{found.message_id}{found.date}".encode()
