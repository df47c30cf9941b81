from __future__ import annotations

import email
import email.policy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.addresses import addresses
from lazaretto.mime.decode import text
from lazaretto.mime.parse import parse
from lazaretto.mime.transfer import body
from lazaretto.mime.words import decode_words
from lazaretto.mime.write import field, text_entity

VALUES = st.one_of(
    st.text(max_size=200),
    st.text('aä €\r\n\t\0"=?_,<>@', max_size=120),
    st.lists(st.sampled_from(["word", "grün", "=?utf-8?q?x?=", "x" * 80, "ü" * 90, "\r\nBcc: a@b"]), max_size=20).map(
        " ".join
    ),
)


@settings(max_examples=150, deadline=None)
@given(value=VALUES, name=st.sampled_from(["Subject", "X-" + "Long" * 18]))
def test_a_value_comes_back_and_never_leaves_its_field(value: str, name: str) -> None:
    written = field(name, value)
    lines = written.split(b"\r\n")
    assert all(line[:1] in b" " and line.strip() for line in lines[1:])
    assert not re.search(rb"[^ -~]", b"".join(lines))
    assert max(map(len, lines)) <= 998
    clean = re.sub("[\x00-\x20\x7f\u0085\u2028\u2029]+", " ", value).strip()
    assert decode_words(written.partition(b":")[2]) == clean.encode("utf-8", "replace").decode()


def test_lines_are_folded() -> None:
    lines = field("Subject", "some words " * 30).split(b"\r\n")
    assert len(lines) > 3
    assert max(map(len, lines)) <= 78
    lines = field("Subject", "größer " * 30, b"\n").split(b"\n")
    assert max(map(len, lines)) <= 78


def test_addresses_stay_addresses() -> None:
    written = field("To", '"Jörg, X" <a@b.c>, Ann <d@e.f>')
    found = addresses(written.partition(b":")[2])
    assert [(one.address, one.name) for one in found] == [("a@b.c", "Jörg, X"), ("d@e.f", "Ann")]


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ü", "x" * 77])
def test_bad_names(name: str) -> None:
    with pytest.raises(ValueError, match="field name"):
        field(name, "x")


@settings(max_examples=100, deadline=None)
@given(
    written=st.one_of(st.text(max_size=200), st.text("-\r\n.From =ä", max_size=80)),
    charset=st.sampled_from(["utf-8", "us-ascii", "iso-8859-15", "utf-16", "no such"]),
    name=st.one_of(st.none(), st.text(max_size=40)),
    newline=st.sampled_from([b"\r\n", b"\n"]),
)
def test_text_entity(written: str, charset: str, name: str | None, newline: bytes) -> None:
    entity = text_entity(written, charset=charset, name=name, newline=newline)
    assert not re.search(rb"^--", entity, re.M)
    assert max(map(len, entity.split(newline))) <= 78
    assert (b"\r\n" in entity) == (newline == b"\r\n")
    root = parse(entity).root
    assert (root.media_type, root.defects) == ("text/plain", ())
    expected = "\r\n".join(written.splitlines()) + "\r\n"
    assert text(body(entity, root), root.charset).replace("\r\n", "\n").rstrip("\n") == expected.encode(
        "utf-8", "replace"
    ).decode().replace("\r\n", "\n").rstrip("\n")
    if name:
        assert root.names[0] == name.encode("utf-8", "replace").decode()


def test_the_standard_library_reads_it_too() -> None:
    entity = text_entity("Grüße\n-- \nx", name="Hinweis für Sie.txt")
    message = email.message_from_bytes(entity, policy=email.policy.default)
    assert message.get_content() == "Grüße\r\n-- \r\nx\r\n"
    assert message.get_filename() == "Hinweis für Sie.txt"
