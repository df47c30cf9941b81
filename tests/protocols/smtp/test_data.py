from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.protocols.smtp.data import DataReader, ends_early, has_bare_newline, stuff

# Mostly the octets that matter, so that every neighbourhood of a line end and a dot is met.
nasty = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"\0", b"a", b"\xff"]), max_size=40).map(
    b"".join
)


def receive(data: bytes, cuts: list[int]) -> tuple[bytes, bytes | None]:
    reader, content = DataReader(), []
    edges = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for position, (start, stop) in enumerate(pairwise(edges)):
        piece, rest = reader.feed(data[start:stop])
        content.append(piece)
        if rest is not None:
            return b"".join(content), rest + data[edges[position + 1] :]
    return b"".join(content), None


def by_the_book(data: bytes) -> tuple[bytes, bytes | None]:
    """RFC 5321 section 4.5.2, line by line: slow and obvious."""
    lines = data.split(b"\r\n")
    out: list[bytes] = []
    for at, line in enumerate(lines[:-1]):
        if line == b".":
            return b"".join(out), b"\r\n".join(lines[at + 1 :])
        out.append(line.removeprefix(b".") + b"\r\n")
    return b"", None


@settings(max_examples=300)
@given(nasty, st.lists(st.integers(0, 60), max_size=8))
def test_what_is_stuffed_arrives_whatever_the_portions(raw: bytes, cuts: list[int]) -> None:
    expected = raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n"
    assert receive(stuff(raw) + b"QUIT\r\n", cuts) == (expected, b"QUIT\r\n")


@settings(max_examples=300)
@given(nasty, st.lists(st.integers(0, 60), max_size=8))
def test_any_bytes_end_where_the_book_says(data: bytes, cuts: list[int]) -> None:
    content, rest = receive(data, cuts)
    expected, expected_rest = by_the_book(data)
    assert rest == expected_rest
    if rest is not None:
        assert content == expected


@settings(max_examples=300)
@given(nasty)
def test_nothing_goes_out_that_a_lax_server_would_end(raw: bytes) -> None:
    """Once stuffed, a message that is not refused has one end for every reader of line ends."""
    if ends_early(raw):
        return
    wire = b"\r\n" + stuff(raw)
    for reading in (wire, wire.replace(b"\0", b"")):
        lax = reading.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert lax.find(b"\n.\n") == len(lax) - 3


@pytest.mark.parametrize(
    "raw", [b"a\n.\nb\r\n", b"a\n.\r\nb\r\n", b"a\r.\rb\r\n", b"a\r.\r\nb", b"a\n.\rb", b"a\n.", b"a\r\n\0.\r\nb\r\n"]
)
def test_early_ends_are_seen(raw: bytes) -> None:
    assert ends_early(raw)


@pytest.mark.parametrize("raw", [b"", b".", b"a\r\n.\r\nb\r\n", b"a\r\n.\nb", b"a\n.b\nc", b"a\rb\nc", b".\n", b"\0"])
def test_ordinary_oddities_are_no_early_end(raw: bytes) -> None:
    assert not ends_early(raw)


def test_bare_newlines() -> None:
    assert not has_bare_newline(b"a\r\nb\r\n")
    assert all(has_bare_newline(raw) for raw in (b"\n", b"a\r", b"a\nb\r\n", b"\r\r\n", b"\r\n\n"))


@pytest.mark.parametrize(
    "unit", [b"x" * 70 + b"\r\n", b".\r\n", b"..\r\n", b"\r", b"\n", b"\r\n.", b"\n\0", b".", b"\r\n.\r"]
)
def test_linear(unit: bytes) -> None:
    """8 MiB of the worst repetitions in portions of 64 KiB: far from anything quadratic."""
    raw = unit * (8 * 2**20 // len(unit))
    started = time.perf_counter()
    wire, reader = stuff(raw), DataReader()
    for at in range(0, len(wire), 65536):
        reader.feed(wire[at : at + 65536])
    ends_early(raw)
    has_bare_newline(raw)
    assert time.perf_counter() - started < 5
