from __future__ import annotations

from lazaretto.engines.patterns.clam.prefilter import LONGEST, Prefilter


def test_it_names_what_is_there_once() -> None:
    known = Prefilter([(b"ab", False), (b"\0\0\xff", False), (b"hello", True)])
    assert sorted(known.find(b"ab ab ab HeLLo \0\0\xff")) == [0, 1, 2]
    assert known.find(b"AB") == []


def test_long_ones_are_found_by_their_beginning() -> None:
    long = bytes(range(200))
    assert Prefilter([(long, False)]).find(long[:LONGEST]) == [0]


def test_nothing_is_in_nothing() -> None:
    assert Prefilter([]).find(b"abc") == []
    assert Prefilter([(b"ab", False)]).find(b"") == []
