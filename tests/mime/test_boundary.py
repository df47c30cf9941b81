from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import boundary
from lazaretto.mime.parameters import parameters


def found(*values: bytes) -> tuple[bytes, ...]:
    return boundary.candidates([parameters(value) for value in values], values)


@pytest.mark.parametrize(
    "value",
    [
        b'multipart/mixed; boundary="----=_Part_1.2"',
        b"multipart/mixed; boundary=000000000000a1b2",
        b"multipart/mixed; charset=utf-8; BOUNDARY=Apple-Mail=_7B",
    ],
)
def test_ordinary_boundaries_have_one_reading(value: bytes) -> None:
    assert boundary.ordinary(parameters(value))
    assert found(value)[0] == boundary.chosen(parameters(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"multipart/mixed; boundary=a; boundary=b", [b"a", b"b"]),
        (b"multipart/mixed; boundary=(boundary=foo)bar", [b"(boundary=foo)bar", b"bar", b"foo)bar"]),
        (b'multipart/mixed; boundary="a b"', [b"a b", b"a"]),
        (b'multipart/mixed; boundary="a;b"', [b"a;b", b"a"]),
        (rb'multipart/mixed; boundary="a\"b"', [b'a"b', rb"a\"b"]),
        (b"multipart/mixed; boundary='a'", [b"'a'", b"a"]),
        (b"multipart/mixed; boundary*0=a; boundary*1=b", [b"ab", b"a", b"b"]),
        (b"multipart/mixed; boundary*=utf-8''%61b", [b"ab"]),
        (b"multipart/mixed; boundary==?us-ascii?Q?ab?=", [b"ab", b"=?us-ascii?Q?ab?="]),
        (b'multipart/mixed; x="y;boundary=a"', [b"a"]),
        (b"multipart/mixed; boundary=a\0b", [b"a\0b", b"a"]),
    ],
)
def test_every_reading_is_a_candidate(value: bytes, expected: list[bytes]) -> None:
    assert not boundary.ordinary(parameters(value))
    assert set(expected) <= set(found(value))


def test_the_first_is_the_one_that_most_readers_use() -> None:
    assert found(b"multipart/mixed; boundary=a b; boundary=c")[0] == b"a"


def test_two_fields() -> None:
    assert {b"a", b"b"} <= set(found(b"multipart/mixed; boundary=a", b"multipart/mixed; boundary=b"))


@settings(max_examples=200, deadline=None)
@given(value=st.binary(max_size=120))
def test_any_bytes_give_bounded_candidates(value: bytes) -> None:
    candidates = found(b"multipart/mixed; boundary=" + value)
    assert len(candidates) <= boundary.MAX_CANDIDATES
    assert all(candidate.strip() and b"\n" not in candidate for candidate in candidates)


def test_time_is_linear() -> None:
    start = time.process_time()
    found(b"multipart/mixed" + b"; boundary=(\\\"x';" * 200_000)
    assert time.process_time() - start < 3
