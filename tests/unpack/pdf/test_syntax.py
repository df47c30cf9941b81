from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.pdf.syntax import OTHERS, Name, Reference, Work, parse, skip


def read(data: bytes) -> object:
    return parse(data, 0, Work(len(data)))[0]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (b"12", 12),
        (b"-1.5", -1.5),
        (b" true", True),
        (b"null", None),
        (b"/Name", Name("Name")),
        (b"/J#53", Name("JS")),
        (b"%comment\r\n /A", Name("A")),
        (b"7 0 R", Reference(7, 0)),
        (b"[7 0 R 7 0]", [Reference(7, 0), 7, 0]),
        (b"[7 0 Rx]", [7, 0, None]),
        (b"(a(b)c)", b"a(b)c"),
        (b"(a\\(b\\n\\101\\7\\\r\nz\r\n)", b"a(b\nA\x07z\n"),
        (b"(unended", b"unended"),
        (b"<41 4z2 4>", b"AB@"),
        (b"<</A 1/B[(x)<</C/D>>]>>", {"A": 1, "B": [b"x", {"C": Name("D")}]}),
        (b"<</A 1 endobj", {"A": 1}),
        (b"<</A [1 2", {"A": [1, 2]}),
        (b"<</A 1 stream", {"A": 1}),
        (b"<</A 1/A 2>>", {"A": 2, OTHERS: [{"A": 1}]}),
        (b"<<(x)/A 1>>", {"A": 1, OTHERS: [b"x"]}),
        (b"", None),
        (b">>", None),
        (b"9" * 50, None),
    ],
)
def test_objects(source: bytes, value: object) -> None:
    assert read(source) == value


def test_where_it_ends() -> None:
    assert parse(b"xx<</A 1>>stream", 2, Work(99))[1] == 10
    assert skip(b" \t%x\n%y\r\n z", 0) == 10


@given(st.lists(st.sampled_from([b"<<", b">>", b"[", b"]", b"(", b")", b"/A", b"1 ", b"\\", b"<", b"%", b"\n", b"R"])))
def test_any_source_is_read(parts: list[bytes]) -> None:
    read(b"".join(parts))


@pytest.mark.parametrize("source", [b"[" * 1_000_000, b"<</A" * 500_000, b"(" * 3_000_000, b"<" * 2_000_000])
def test_depth_costs_no_more_than_length(source: bytes) -> None:
    start = time.process_time()
    read(source)
    assert time.process_time() - start < 5


def test_what_is_read_again_and_again_is_paid_for() -> None:
    work = Work(0)
    for _ in range(4):
        parse(b"(" + b"a" * 1_000_000, 0, work)
    with pytest.raises(LimitExceeded, match="over one another"):
        parse(b"(" + b"a" * 1_000_000, 0, work)
    with pytest.raises(LimitExceeded, match="words"):
        parse(b"[" + b"1 " * 2_000_000, 0, Work(4_000_000))
