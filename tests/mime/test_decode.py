from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.decode import is_known, text


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        (b"gr\xfc\xdfe", "iso-8859-1", "grüße"),
        (b"gr\xfc\xdfe", "", "grüße"),
        ("grüße".encode(), "", "grüße"),
        (b"\x93x\x94", "ISO-8859-1", "“x”"),
        ("漢字".encode("gb18030"), "gb2312", "漢字"),
        ("漢字".encode("iso2022_jp"), "iso-2022-jp", "漢字"),
        ("x".encode("utf-16"), "", "x"),
        (b"+2AA-", "utf-7", "\ufffd"),
        (b"\xff", "utf-8", "\ufffd"),
        (b"abc", "rot13", "abc"),
        (b"abc", "no such charset\0", "abc"),
        (b"abc", "punycode", "abc"),
    ],
)
def test_text(data: bytes, charset: str, expected: str) -> None:
    assert text(data, charset) == expected


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60), charset=st.one_of(st.text(max_size=12), st.sampled_from(["utf-7", "utf-16", "hz"])))
def test_text_never_raises_and_can_be_encoded(data: bytes, charset: str) -> None:
    text(data, charset).encode()


def test_known_charsets() -> None:
    for charset in ("utf-8", "US-ASCII", "iso-8859-15", "windows-1252", "iso-8859-8-i", "Shift_JIS", "koi8-r", '"gbk"'):
        assert is_known(charset)
    for charset in ("", "x", "unknown-8bit", "idna", "../utf_8", "\u20ac"):
        assert not is_known(charset)
