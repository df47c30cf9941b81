from __future__ import annotations

from typing import Any

from lazaretto.unpack.grade import Seen, difference

PDF = b"%PDF-1.7\n1 0 obj\n"


def test_two_programs_archives_or_documents_make_a_difference(kit: Any) -> None:
    one, other = kit.zip_of({"a": b"1"}), kit.zip_of({"b": b"2"})
    (mine, theirs) = difference([Seen(("a.zip",), one)], [Seen(("b.zip",), other)])
    assert mine == "application/zip 'b.zip' that others do not see"
    assert theirs == "no application/zip 'a.zip', which others see"


def test_what_only_one_reader_gets(kit: Any) -> None:
    text = Seen((), b"UEsDBA==")
    assert list(difference([text], [Seen((), kit.zip_of({"a": b"1"}))])) == ["application/zip that others do not see"]
    assert list(difference([Seen((), PDF)], [text])) == ["no application/pdf, which others see"]


def test_texts_make_none() -> None:
    assert list(difference([Seen((), b"hello")], [Seen((), b"<html><p>other"), Seen((), b"third")])) == []


def test_a_footer_behind_a_document_makes_none(kit: Any) -> None:
    assert list(difference([Seen((), PDF + b"\x83\x9a\x12 footer")], [Seen((), PDF)])) == []
    behind = PDF + kit.zip_of({"a": b"1"})
    assert list(difference([Seen((), behind)], [Seen((), PDF)])) != []


def test_the_same_makes_none() -> None:
    assert list(difference([Seen(("a",), PDF)], [Seen(("b",), PDF), Seen((), b"more text")])) == []
