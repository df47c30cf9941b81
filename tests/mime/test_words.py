from __future__ import annotations

import re
from email.header import Header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.words import decode_words, unescape, unfold


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" plain ", "plain"),
        (b"folded\r\n value\r\n\tagain", "folded value again"),
        (b"bare\rcr and\nlf", "bare cr and lf"),
        (b"=?utf-8?Q?gr=C3=BC=C3=9Fe_an?= all", "grüße an all"),
        (b"=?ISO-8859-1*de?b?Z3L832U=?=", "grüße"),
        (b"=?utf-8?q?a?=\r\n =?utf-8?q?b?=  c", "ab  c"),
        (b"=?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "€"),
        (b"=?utf-8?q?a?= =?iso-8859-1?q?=E9?= x =?utf-8?q?b?=", "aé x b"),
        (b"=?utf-8?q?with blanks?=", "with blanks"),
        (b"=?utf-8?b?aGVsbG8?=", "hello"),
        (b"=?nonsense?q?ok?=", "ok"),
        (b"=?utf-8?x?not?= =?broken", "=?utf-8?x?not?= =?broken"),
        ("ü roh".encode(), "ü roh"),
        (b"\xfc", "ü"),
        (b"=?utf-7?q?+2AA-?=", "\ufffd"),
    ],
)
def test_decode_words(value: bytes, expected: str) -> None:
    assert decode_words(value) == expected


@settings(max_examples=80, deadline=None)
@given(value=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=80).map(str.strip))
def test_reads_what_the_standard_library_writes(value: str) -> None:
    written = Header(value, "utf-8").encode()
    assert decode_words(written.encode()) == value


@settings(max_examples=80, deadline=None)
@given(value=st.from_type(bytes))
def test_any_bytes(value: bytes) -> None:
    decode_words(value).encode()
    assert b"\n" not in unfold(value)


@settings(max_examples=300, deadline=None)
@given(value=st.lists(st.sampled_from([b"\\", b"\\\\", b'"', b"a", b"\n"]), max_size=12).map(b"".join))
def test_quoted_pairs_are_undone_one_after_the_other(value: bytes) -> None:
    assert unescape(value) == re.sub(rb"\\([\s\S])", rb"\1", value)
