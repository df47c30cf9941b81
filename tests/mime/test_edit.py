from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto import plugin
from lazaretto.mime.edit import Draft, line_end, text_entity
from lazaretto.mime.header import fields
from lazaretto.mime.parse import parse
from lazaretto.mime.transfer import body

NOTICE = text_entity("It is gone.", name="notice.txt")
MIXED = (
    b"From: a@b\r\nSubject: old\r\n folded\r\nContent-Type: multipart/mixed; boundary=x\r\nX-Last: 1\r\n\r\n"
    b"preamble\r\n--x\r\nContent-Type: text/plain\r\n\r\nkeep\r\n--x\r\nContent-Type: application/zip\r\n\r\n"
    b"PK\r\n--x--\r\nepilogue\r\n"
)
SINGLE = b"Subject: s\r\nContent-Type: text/html\r\nX-A: b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"


def draft(raw: bytes) -> Draft:
    return Draft(parse(raw), ())


def result(made: Draft) -> bytes:
    raw = made.result()
    assert raw is not None
    return raw


def test_it_is_a_draft() -> None:
    made: plugin.Draft = draft(MIXED)
    assert made.message.raw is MIXED
    assert made.artifacts == ()


@settings(max_examples=150, deadline=None)
@given(raw=st.from_type(bytes))
def test_no_edit_no_result(raw: bytes) -> None:
    assert draft(raw).result() is None


@settings(max_examples=200, deadline=None)
@given(raw=st.from_type(bytes), value=st.text(max_size=60))
def test_an_added_field_is_one_insertion(raw: bytes, value: str) -> None:
    made = draft(raw)
    made.add_header("X-Added", value)
    changed = result(made)
    at = changed.index(b"X-Added:")
    size = len(changed) - len(raw)
    assert changed[:at] + changed[at + size :] == raw
    first = fields(changed, parse(changed).root)[0]
    assert first.name == "x-added"


@settings(max_examples=200, deadline=None)
@given(raw=st.from_type(bytes), pick=st.integers(0, 100))
def test_a_replaced_part_leaves_the_rest(raw: bytes, pick: int) -> None:
    message = parse(raw)
    if not message.root.children:
        message = parse(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" + raw + b"\n--a\n\nlast")
    inner = message.root.walk()[1:]
    part = inner[pick % len(inner)]
    made = Draft(message, ())
    made.replace_part(part, NOTICE)
    changed = result(made)
    assert changed.startswith(message.raw[: part.start])
    assert changed.endswith(message.raw[part.end :])
    again = parse(changed)
    new = again.part(part.path)
    assert new is not None
    assert body(again, new).rstrip() == b"It is gone."
    assert [one.path for one in again.root.walk()] == [
        one.path for one in message.root.walk() if not one.path.startswith(f"{part.path}.")
    ]


@settings(max_examples=200, deadline=None)
@given(raw=st.from_type(bytes))
def test_a_replaced_message_keeps_its_other_fields(raw: bytes) -> None:
    made = draft(raw)
    made.replace_part(made.message.root, NOTICE)
    changed = parse(result(made))
    assert changed.root.media_type == "text/plain"
    assert body(changed, changed.root).rstrip() == b"It is gone."

    def kept(source: bytes) -> list[tuple[str, bytes]]:
        found = fields(source, parse(source).root)
        return [(f.name, f.value) for f in found if not f.name.startswith("content-") and f.name != "mime-version"]

    assert kept(changed.raw) == kept(raw)


def test_replaced_attachment() -> None:
    made = draft(MIXED)
    made.replace_part(made.message.root.children[1], NOTICE)
    changed = result(made)
    head, _, tail = MIXED.partition(b"Content-Type: application/zip\r\n\r\nPK")
    assert changed == head + NOTICE + tail
    read = email.message_from_bytes(changed, policy=email.policy.default)
    assert [part.get_filename() for part in read.iter_attachments()] == ["notice.txt"]


def test_replaced_single_part() -> None:
    made = draft(SINGLE)
    made.add_header("X-New", "n")
    made.set_header("Subject", "t")
    made.set_header("Content-Type", "lost/with the rest")
    made.replace_part(made.message.root, text_entity("gone"))
    assert result(made) == (
        b"X-New: n\r\nSubject: t\r\nX-A: b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n\r\ngone"
    )


def test_lines_that_are_no_field_do_not_outlive_the_message() -> None:
    made = draft(b"Conten\r\n-Type: x\n--a--\nContent-Type: text/plai\r\nn\n\nhidden")
    made.set_header("Subject", "t")
    made.replace_part(made.message.root, text_entity("gone"))
    again = parse(result(made))
    assert again.root.defects == ()
    assert body(again, again.root).strip() == b"gone"


def test_line_ends_are_the_messages_own() -> None:
    raw = MIXED.replace(b"\r\n", b"\n")
    assert (line_end(raw), line_end(MIXED), line_end(b"")) == (b"\n", b"\r\n", b"\r\n")
    made = draft(raw)
    made.add_header("X-Long", "word " * 40)
    made.set_header("Subject", "ü" * 100)
    made.replace_part(made.message.root.children[1], NOTICE)
    assert b"\r" not in result(made)


def test_binary_entity_keeps_its_bytes() -> None:
    made = draft(MIXED)
    made.replace_part(made.message.root.children[0], b"Content-Transfer-Encoding: binary\r\n\r\na\nb\r\n")
    assert b"a\nb\r\n\r\n--x" in result(made)


def test_outer_replacement_wins() -> None:
    inner_raw = b"Content-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--i--\n"
    made = draft(b"Content-Type: multipart/mixed; boundary=o\n\n--o\n" + inner_raw + b"--o--\n")
    inner = made.message.root.children[0]
    for part in (inner.children[0], inner, inner.children[0]):
        made.replace_part(part, NOTICE)
    assert result(made).count(b"It is gone.") == 1
    made.replace_part(made.message.root, b"\n\nwhole")
    assert result(made).endswith(b"whole")
    assert b"gone" not in result(made)


def test_an_entity_cannot_break_the_multipart() -> None:
    made = draft(MIXED)
    with pytest.raises(ValueError, match="delimiter"):
        made.replace_part(made.message.root.children[0], b"\r\n--x\r\n\r\nforged")
    assert made.result() is None
    made.replace_part(made.message.root.children[0], text_entity("--x\n\nforged\n--x--"))
    assert len(parse(result(made)).root.children) == 2


def test_a_part_that_lost_its_line_end_gets_one() -> None:
    made = draft(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\nA: b\n--x--\n")
    for part in made.message.root.children:
        made.replace_part(part, NOTICE)
    assert len(parse(result(made)).root.children) == 2


def test_set_header_replaces_the_first_and_keeps_the_rest() -> None:
    made = draft(MIXED)
    assert made.get_header("SUBJECT") == "old folded"
    made.set_header("Subject", "old folded")
    assert made.result() is None
    made.set_header("Subject", "[x] old")
    assert made.get_header("subject") == "[x] old"
    assert result(made) == MIXED.replace(b"Subject: old\r\n folded", b"Subject: [x] old")


def test_headers_stack_and_are_found_again() -> None:
    made = draft(MIXED)
    assert made.get_header("X-N") is None
    made.add_header("X-N", "1")
    made.add_header("X-N", "2")
    made.set_header("X-N", "3")
    made.set_header("X-Other", "o")
    assert made.get_header("x-n") == "3"
    assert result(made) == b"X-Other: o\r\nX-N: 3\r\nX-N: 1\r\n" + MIXED


@pytest.mark.parametrize(
    "value", ["a\r\nBcc: evil@x", "a\nBcc: evil@x", "a\rBcc: evil@x", "a\u2028Bcc: evil@x", "\r\n\r\nx"]
)
def test_nothing_can_be_injected(value: str) -> None:
    made = draft(MIXED)
    made.add_header("X-A", value)
    made.set_header("Subject", value)
    before = [field.name for field in fields(MIXED, made.message.root)]
    changed = result(made)
    assert [field.name for field in fields(changed, parse(changed).root)] == ["x-a", *before]
    with pytest.raises(ValueError, match="field name"):
        made.add_header("X\r\nBcc", "x")


def test_mbox_line_and_byte_order_mark_stay_first() -> None:
    for first in (b"From a\n", b"\xef\xbb\xbf", b"From only\n", b"\xef\xbb\xbfFrom a\n"):
        made = draft(first + b"Subject: x\n\nbody")
        made.add_header("X-A", "b")
        assert result(made).startswith(first + b"X-A: b\n")


def test_a_field_on_a_message_without_header() -> None:
    made = draft(b" text that would be a continuation")
    made.add_header("X-A", "b")
    assert result(made) == b"X-A: b\r\n\r\n text that would be a continuation"


def test_all_fields_of_a_name_go() -> None:
    raw = b"X-A: 1\r\nSubject: s\r\nx-a : 2\r\n folded\r\nX-B: 3\r\nX-A: 4\r\n\r\nbody"
    draft = Draft(parse(raw))
    draft.remove_header("X-A")
    assert draft.get_header("X-A") is None
    assert draft.result() == b"Subject: s\r\nX-B: 3\r\n\r\nbody"
    draft.add_header("X-A", "mine")
    draft.set_header("X-B", "new")
    assert draft.result() == b"X-A: mine\r\nSubject: s\r\nX-B: new\r\n\r\nbody"


def test_a_removed_field_is_not_set() -> None:
    draft = Draft(parse(b"X-A: 1\nX-B: 2\n\nbody"))
    draft.set_header("X-A", "3")
    draft.remove_header("X-A")
    assert draft.result() == b"X-B: 2\n\nbody"
    draft.set_header("X-A", "4")
    assert draft.result() == b"X-A: 4\nX-B: 2\n\nbody"
    draft.remove_header("X-B")
    draft.replace_part(draft.message.root, b"Content-Type: text/plain\n\nnew")
    assert parse(draft.result() or b"").root.defects == ()


def test_a_rewrite_sees_all_other_edits() -> None:
    draft = Draft(parse(b"Subject: s\n\nbody"))
    draft.rewrite(lambda raw: raw.upper())
    draft.rewrite(lambda raw: None)
    assert (draft.spliced(), draft.result()) == (None, b"SUBJECT: S\n\nBODY")
    draft.add_header("X-A", "b")
    assert draft.spliced() == b"X-A: b\nSubject: s\n\nbody"
    assert draft.result() == b"X-A: B\nSUBJECT: S\n\nBODY"


def test_a_rewrite_that_changes_nothing() -> None:
    draft = Draft(parse(b"Subject: s\n\nbody"))
    draft.rewrite(lambda raw: None)
    assert draft.result() is None
