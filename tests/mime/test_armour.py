from __future__ import annotations

import time

import pytest
from tests.unpack.mailcontainers import armoured

from lazaretto.errors import LimitExceeded
from lazaretto.mime import armour

DATA = bytes(range(256)) * 3


def test_blocks_in_the_middle_of_a_text() -> None:
    text = b"Hello,\n\n" + armoured(DATA) + b"between\n" + armoured(b"x", b"CMS", fields=b"") + b"bye\n"
    assert list(armour.labels(text)) == ["PGP MESSAGE", "CMS"]
    assert list(armour.blocks(text)) == [("PGP MESSAGE", DATA), ("CMS", b"x")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"\n", b"<br>\n"),
        lambda text: b"<pre>" + text + b"</pre>",
        lambda text: b"".join(b"> " + line for line in text.splitlines(keepends=True)),
        lambda text: text.replace(b"=njUN\n", b""),
        lambda text: text[: text.index(b"-----END")],
        lambda text: text.replace(b"Version: 1\n", b"Version: 1\nComment: https://x.example\nHash: SHA256\n"),
        lambda text: text.replace(b"-----\n", b"-----  \n"),
    ],
)
def test_what_programs_make_of_a_block(change: object) -> None:
    (block,) = armour.blocks(change(armoured(DATA)))  # type: ignore[operator]
    assert block.data[:-1] == DATA[:-1]


@pytest.mark.parametrize(
    "text",
    [
        b"paste everything from -----BEGIN PGP MESSAGE----- on\n",
        b"-----BEGIN PGP MESSAGE----- is how it begins\n",
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        b"-----BEGIN RSA PRIVATE KEY-----\n",
        b"",
    ],
)
def test_what_is_none(text: bytes) -> None:
    assert not list(armour.labels(text))
    assert not list(armour.blocks(text))


def test_a_block_ends_where_the_next_begins() -> None:
    first = armoured(b"first", end=False).replace(b"-----END PGP MESSAGE", b"")
    assert [block.data for block in armour.blocks(first + armoured(b"second"))] == [b"first", b"second"]


def test_more_than_anybody_writes_is_a_limit_and_quick() -> None:
    start = time.monotonic()
    text = b"-----BEGIN PGP MESSAGE-----\n" * 300_000
    with pytest.raises(LimitExceeded):
        list(armour.blocks(text))
    assert set(armour.labels(text)) == {"PGP MESSAGE", "CMS"}
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "text", [b" " * 10**6, b"> " * 500_000, b"a: b\n" * 200_000, b"\n=abcd" * 150_000, b"<" * 10**6]
)
def test_no_body_takes_long(text: bytes) -> None:
    start = time.monotonic()
    list(armour.blocks(b"-----BEGIN PGP MESSAGE-----\n" + text))
    assert time.monotonic() - start < 3
