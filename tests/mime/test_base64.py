"""What readers make of damaged base64; the sound kind is in test_transfer.py."""

from __future__ import annotations

import re
import time
from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import base64, defects

DATA = bytes(range(251, 0, -1)) + b"the end!"
CODE = b64encode(DATA)


def lines(size: int, tail: bytes) -> bytes:
    """The code in lines of ``size`` letters, each with something behind them."""
    return b"".join(CODE[at : at + size] + tail + b"\n" for at in range(0, len(CODE), size))


DAMAGED = {
    "padding in the middle": CODE[:80] + b"=" + CODE[80:],
    "padding in every four": re.sub(rb"(.)(.)(.)(.)", rb"\1\2=\3\4", CODE),
    "chunks with padding": b"\n".join(b64encode(DATA[at : at + 10]) for at in range(0, len(DATA), 10)),
    "padding at the wrong place of each four": b"".join(
        (code := b64encode(DATA[at : at + 2]))[:1] + b"=" + code[1:3] for at in range(0, len(DATA), 2)
    ),
    "one letter too many in each line": lines(4, b"X"),
    "three letters too many in each line": lines(4, b"XXX"),
    "comments": lines(60, b"#abcd0123"),
    "another paragraph first": b"ABC\n\n" + CODE,
    "junk": lines(7, b".!\xff\0"),
    "other alphabet": urlsafe_b64encode(DATA),
    "no padding": CODE.rstrip(b"="),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_some_reading_gives_the_data(case: str) -> None:
    body = DAMAGED[case]
    data, odd = base64.decode(body, 0, len(body))
    found = [data, *(rival.data for rival in base64.rivals(body))]
    assert any(DATA in one for one in found), case
    assert odd


def test_the_first_padding_ends_it_for_some() -> None:
    body = b64encode(b"one!") + b64encode(b"two!")
    assert base64.decode(body, 0, len(body))[0] == b"one!two!"
    assert {rival.name: rival.data for rival in base64.rivals(body)}["base64-stopped"] == b"one!"


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes_decode_to_something(body: bytes) -> None:
    names = [rival.name for rival in base64.rivals(body)]
    assert len(set(names)) == len(names)
    assert len(names) <= 14


@pytest.mark.parametrize("body", [b"=" * 4_000_000, b"A=" * 2_000_000, b"\n" * 4_000_000, b"AAAAA\n\n" * 600_000])
def test_time_is_linear(body: bytes) -> None:
    start = time.process_time()
    for _ in base64.rivals(body):
        pass
    assert time.process_time() - start < 4


@pytest.mark.parametrize("encoded", [b"*QUFB", b"QUFB\nQ*UFB\n", b"*QQ==", b"Q*UE="])
def test_a_single_character_of_junk_is_noticed(encoded: bytes) -> None:
    assert base64.decode(encoded, 0, len(encoded))[1] == (defects.BASE64_JUNK,)
