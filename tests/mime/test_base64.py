"""What readers make of damaged base64; the sound kind is in test_transfer.py."""

from __future__ import annotations

import re
import time
from base64 import b64decode, b64encode, encodebytes, urlsafe_b64encode

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


@settings(max_examples=300, deadline=None)
@given(
    body=st.lists(st.sampled_from([b"QUFB", b"Q", b"=", b"\n", b"\r\n", b" ", b"*", b"-"]), max_size=14).map(b"".join)
)
def test_what_works_line_by_line_looks_at_no_other_line(body: bytes) -> None:
    found = {rival.name: rival.data for rival in base64.rivals(body)}
    lines = body.replace(b"\r", b"\n").split(b"\n")
    kept = [re.sub(rb"[^A-Za-z0-9+/=]", b"", line) for line in lines]
    whole = [line[: len(line) // 4 * 4].replace(b"=", b"") for line in kept]
    assert found["base64-by-lines"] == b"".join(map(plain, whole))
    heads = [re.match(rb"[A-Za-z0-9+/=]*", line.lstrip(b" \t"))[0] for line in lines]  # type: ignore[index]
    assert found["base64-cut-at-junk"] == plain(b"".join(heads).replace(b"=", b""))


def plain(characters: bytes) -> bytes:
    """Of one alone nothing, of two or three what they hold."""
    spare = len(characters) % 4
    return b64decode(characters[:-1] if spare == 1 else characters + b"=" * (-spare % 4))


def test_many_sound_lines_come_out_in_order() -> None:
    data = bytes(range(256)) * 2_000
    body = encodebytes(data) + b"*" + encodebytes(data[:100]) + encodebytes(data)
    found = {rival.name: rival.data for rival in base64.rivals(body)}
    assert found["base64-by-lines"] == data + data[:100] + data
