from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.protocols import milter as m
from lazaretto.protocols.milter.changes import Field, changes, fields

names = st.sampled_from([b"A", b"a", b"B", b"Subject"])
values = st.sampled_from([b" 1", b" 2", b"", b" folded\r\n\there"])
headers = st.lists(st.builds(Field, names, values), max_size=8)


def message(head: list[Field], body: bytes = b"body\r\n") -> bytes:
    return b"".join(b"%b:%b\r\n" % field for field in head) + b"\r\n" + body


def applied(raw: bytes, replies: list[m.Modification]) -> bytes:
    """What Postfix does (cleanup_milter.c): its own Received field is on top and counts for insertions only;
    appended fields are behind all others and are not found again."""
    head, body = fields(raw)
    delivered = [Field(b"Received", b" by mx"), *head]
    appended: list[Field] = []
    for reply in replies:
        match reply:
            case m.InsertHeader(index, name, value) if index < len(delivered):
                delivered.insert(index, Field(name, value))
            case m.InsertHeader(_, name, value) | m.AddHeader(name, value):
                appended.append(Field(name, value))
            case m.ChangeHeader(index, name, value):
                places = [i for i, field in enumerate(delivered) if i and field.key == name.lower()]
                place = places[index - 1]
                delivered[place : place + 1] = [Field(name, value)] if value else []
            case m.ReplaceBody(data):
                body = data
            case _:
                raise AssertionError(reply)
    return message([*delivered[1:], *appended], body)


@given(headers, headers, st.sampled_from([b"", b"body\r\n"]))
@settings(max_examples=300)
def test_the_changes_make_the_new_out_of_the_old(old: list[Field], new: list[Field], body: bytes) -> None:
    before, after = message(old), message(new, body)
    assert applied(before, changes(before, after)) == after


def test_nothing_changed_nothing_said() -> None:
    raw = message([Field(b"A", b" 1")])
    assert changes(raw, raw) == []


def test_only_what_differs_is_named() -> None:
    old = [Field(b"Received", b" x"), Field(b"DKIM-Signature", b" s"), Field(b"Subject", b" hi"), Field(b"To", b" b")]
    new = [Field(b"X-Lazaretto", b" seen"), *old[:2], Field(b"Subject", b" [TAG] hi"), old[3]]
    assert changes(message(old), message(new)) == [
        m.InsertHeader(1, b"X-Lazaretto", b" seen"),
        m.ChangeHeader(1, b"Subject", b" [TAG] hi"),
    ]


def test_the_occurrence_counts() -> None:
    old = [Field(b"X", b" 1"), Field(b"x", b" 2"), Field(b"X", b" 3")]
    assert changes(message(old), message([old[0], old[2]])) == [m.ChangeHeader(2, b"x", b"")]


def test_only_the_body() -> None:
    head = [Field(b"A", b" 1")]
    assert changes(message(head), message(head, b"other")) == [m.ReplaceBody(b"other")]


def test_fields_of_odd_messages() -> None:
    assert fields(b"\r\nbody") == ([], b"body")
    assert fields(b"A: 1\r\n") == ([Field(b"A", b" 1")], b"")
    assert fields(b"A: 1\r\n\r\n") == ([Field(b"A", b" 1")], b"")
    assert fields(b"A: 1\r\n \r\n\tx\r\n\r\n") == ([Field(b"A", b" 1\r\n \r\n\tx")], b"")
    assert fields(b"") == ([], b"")


def test_what_is_no_field_cannot_be_expressed() -> None:
    with pytest.raises(ValueError, match="no header field"):
        changes(message([]), b"no colon\r\n\r\n")


def test_hostile_headers_take_linear_time() -> None:
    old = message([Field(b"A", b" %d" % i) for i in range(50_000)])
    new = message([Field(b"A", b" %d" % -i) for i in range(50_000)])
    began = time.perf_counter()
    assert len(changes(old, new)) == 50_000 - 1  # 0 is 0
    assert time.perf_counter() - began < 5
