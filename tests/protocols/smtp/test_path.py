from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.protocols.smtp.path import read_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<>", ("", "")),
        ("<a@b.example>", ("a@b.example", "")),
        ("<a@b.example> SIZE=1 X", ("a@b.example", "SIZE=1 X")),
        ("<postmaster>", ("postmaster", "")),
        ('<"a b"@c.example>', ('"a b"@c.example', "")),
        ('<"a\\"b>c"@c.example>', ('"a\\"b>c"@c.example', "")),
        ('<"a@b"@c.example>', ('"a@b"@c.example', "")),
        ("<@relay.example,@other.example:a@b.example>", ("a@b.example", "")),
        ("<a@[192.0.2.1]>", ("a@[192.0.2.1]", "")),
        ("<a@[IPv6:2001:db8::1]>", ("a@[IPv6:2001:db8::1]", "")),
        ("<jürgen@exämple.example>", ("jürgen@exämple.example", "")),
        ("<用户@例え.example>", ("用户@例え.example", "")),
        ("<a..b.@docomo.example>", ("a..b.@docomo.example", "")),
        ("<srs0=x=y=z!{|}~#$%&'*+/?^`@b_c.example>", ("srs0=x=y=z!{|}~#$%&'*+/?^`@b_c.example", "")),
    ],
)
def test_reads(text: str, expected: tuple[str, str]) -> None:
    assert read_path(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a@b",
        "<a@b",
        "<a b@c>",
        "<a@b@c>",
        "<a@>",
        "<@b>",
        "< a@b>",
        "<a@b>SIZE=1",
        "<a\r@b>",
        "<<a@b>>",
        '<"a@b>',
        "<a@[1.2.3.4>",
        "<a@b;c>",
        "<a@b>\tX",
        '<"\n"@b>',
    ],
)
def test_refuses(text: str) -> None:
    assert read_path(text) is None


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab.@<>"\\[]:, \r\nü-'), max_size=30))
def test_what_is_read_means_the_same_when_written_back(text: str) -> None:
    found = read_path(f"<{text}>")
    if found is not None:
        assert read_path(f"<{found[0]}>") == (found[0], "")
        assert not any(char in found[0] for char in "\r\n")


def test_linear() -> None:
    for unit in ("a", ".", "@a,", '"', "\\", "[", "@"):
        assert read_path("<" + unit * 100_000) is None
