from __future__ import annotations

import time

import pytest

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.html import scriptvalue
from lazaretto.unpack.html.scriptvalue import Account, Array, Built, Letters, Text


def test_ropes_share_and_do_not_disturb_each_other() -> None:
    one = Text("a")
    two, three = one.plus(Text("b")), one.plus(Text("c"))
    four, five = two.plus(Text("d")), two.plus(Text("e"))
    assert [str(each) for each in (one, two, three, four, five)] == ["a", "ab", "ac", "abd", "abe"]
    assert [each.size for each in (one, two, three, four, five)] == [1, 2, 2, 3, 3]


def test_growing_copies_nothing() -> None:
    rope, piece = Text(""), Text("x" * 1000)
    started = time.process_time()
    for _ in range(100_000):  # a hundred megabytes; a copy at each step would be five million
        rope = rope.plus(piece)
    assert rope.size == 100_000_000
    assert time.process_time() - started < 6


def test_a_rope_joined_with_itself() -> None:
    rope = Text("ab").plus(Text("c"))
    assert str(rope.plus(rope)) == "abcabc"


def test_a_decoded_piece_makes_the_whole_decoded() -> None:
    assert Text("a", decoded=True).plus(Text("b")).decoded
    assert Text("b").plus(Text("a", decoded=True)).decoded


def test_texts_of_values() -> None:
    account = Account()
    assert str(account.text(Array([Text("a"), 1, None, Text("b")]), "-")) == "a-1-b"
    assert str(account.text(Letters("abc"), ".")) == "a.b.c"
    assert str(account.text(7)) == "7"


def test_numbers_are_reported_as_bytes() -> None:
    account = Account()
    account.report(Array(list(range(77, 97))))
    assert account.built == [Built(bytes(range(77, 97)).decode("latin-1"), decoded=True)]


def test_what_is_short_or_known_is_not_reported() -> None:
    account = Account()
    for value in (Text("short"), None, 5, Text("x" * 20), Text("x" * 20)):
        account.report(value)
    assert account.built == [Built("x" * 20)]


def test_copying_is_counted_and_the_rest_is_still_reported() -> None:
    account, rope = Account(), Text("x" * (scriptvalue.COPIED // 2))
    twice = account.join(rope, rope)
    with pytest.raises(LimitExceeded):
        account.join(twice, twice)
    account.report(Text("y" * 100), last=True)
    assert account.built == [Built("y" * 100)]
    with pytest.raises(LimitExceeded):
        account.report(Array([Text("z" * 1_000_000)] * 1000), last=True)
