from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.html import ecmascript
from lazaretto.unpack.html.ecmascript import Kind


def kinds(text: str) -> list[tuple[Kind, str]]:
    return [(token.kind, token.text) for token in ecmascript.tokens(text, ecmascript.Counter())]


def test_tokens() -> None:
    assert kinds("a += 'b' // 'c'\n/* 'd' */ `e`") == [
        (Kind.WORD, "a"),
        (Kind.PUNCTUATION, "+="),
        (Kind.STRING, "b"),
        (Kind.TEMPLATE, "e"),
    ]


def test_a_list_of_numbers_is_one_token() -> None:
    token, *rest = ecmascript.tokens("[77, 0x5A, 007,\n144,]", ecmascript.Counter())
    assert (token.kind, token.numbers, rest) == (Kind.NUMBERS, (77, 90, 7, 144), [])
    assert kinds("(abcdefabcd)")[1] == (Kind.WORD, "abcdefabcd")
    assert kinds("(1, abcdef, 2)")[2:4] == [(Kind.PUNCTUATION, ","), (Kind.WORD, "abcdef")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\x41\x42c", "ABc"),
        (r"\u0041\u00e9", "Aé"),
        (r"\u{1F600}\u{110000}", "\U0001f600\ufffd"),
        (r"\101\0", "A\0"),
        (r"a\nb\t\\\"\'\/\q", "a\nb\t\\\"'/q"),
        ("a\\\r\nb\\\nc", "abc"),
        (r"\xZ", "xZ"),
    ],
)
def test_escapes(written: str, read: str) -> None:
    assert ecmascript.unescaped(written) == read


def test_a_quote_in_a_regular_expression_begins_no_string() -> None:
    assert (Kind.STRING, "found") in kinds("a.replace(/'/g, '');b='found'")
    assert (Kind.STRING, "found") in kinds("4 / 2; b='found'; 1 / 2")


def test_an_unclosed_string_ends_with_its_line() -> None:
    assert (Kind.STRING, "found") in kinds("'unclosed\nb='found'")


@pytest.mark.parametrize(
    ("escape", "count", "escaped"), [(r"\x41", 1, False), (r"\x41", 9, True), (r"\u4e2d", 9, False)]
)
def test_encoded_bytes_are_told_from_letters(escape: str, count: int, escaped: bool) -> None:
    token = next(ecmascript.tokens(f"'{escape * count}'", ecmascript.Counter()))
    assert token.escaped is escaped


def test_tokens_are_counted() -> None:
    with pytest.raises(LimitExceeded):
        list(ecmascript.tokens("a+" * 10, ecmascript.Counter(5)))


@given(st.text(alphabet="'\"`\\/*[(1,x a)]+=.$\n", max_size=200))
def test_any_text(text: str) -> None:
    list(ecmascript.tokens(text, ecmascript.Counter()))
    ecmascript.unescaped(text)
