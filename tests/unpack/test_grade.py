from __future__ import annotations

from time import perf_counter
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


def test_two_different_noises_behind_the_same_document_make_none(kit: Any) -> None:
    def differ(one: bytes, other: bytes, head: int) -> bool:
        return list(difference([Seen((), PDF + one)], [Seen((), PDF + other)], head=head)) != []

    assert not differ(b"\x83\x9a footer", b"\x12\x11 foot", len(PDF))
    assert differ(b"\x83\x9a footer", b"\x12\x11 foot", len(PDF) + 1)
    assert differ(b"\x83\x9a footer", b"\x12\x11 foot", 0)
    for tail in (bytes(5000), kit.zip_of({"a": b"1"}), b"noise" + kit.zip_of({"a": b"1"})):
        assert differ(b"\x83\x9a", tail, len(PDF))
        assert differ(tail, b"\x83\x9a", len(PDF))


def test_what_is_lost_counts_only_where_it_is_asked_for() -> None:
    assert list(difference([Seen((), PDF)], [], lost=False)) == []
    assert list(difference([], [Seen((), PDF)], lost=False)) != []


def test_long_files_are_compared_quickly() -> None:
    one = bytes(1_000_000)
    files = [Seen((), PDF + one + bytes([number])) for number in range(40)]
    began = perf_counter()
    assert list(difference([Seen((), PDF + one + b"\xff\xfe")], files, head=9)) == []
    assert perf_counter() - began < 5


def test_of_very_many_files_each_difference_counts() -> None:
    first, second = (
        [Seen((), PDF + bytes(2000) + b"%d" % number) for number in range(start, 9000, 2)] for start in (0, 1)
    )
    began = perf_counter()
    assert sum(1 for _ in difference(first, second)) == 9000
    assert perf_counter() - began < 5
