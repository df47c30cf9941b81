from __future__ import annotations

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.head import MAX_FIELDS, MAX_HEAD, Head, parse, unsigned


def test_fields_in_order_and_folded() -> None:
    found = parse(b"ICAP/1.0 200 OK\r\nA: 1\r\nX-Violations-Found: 1\r\n\t-\r\n\tName\r\na:  2 ")
    assert found.start == "ICAP/1.0 200 OK"
    assert found.all("a") == ["1", "2"]
    assert (found.get("x-violations-found"), found.get("none", "-")) == ("1\n-\nName", "-")


@pytest.mark.parametrize(
    "block",
    [b"s\r\nno field", b"s\r\nA : 1", b"s\r\n: 1", b"s\r\nA: 1\nB: 2", b"s\r\nA: 1\rB: 2", b"s\r\n folded: first",
     b"s\r\n" + b"A: 1\r\n" * (MAX_FIELDS + 1), b"A" * (MAX_HEAD + 1)],
)  # fmt: skip
def test_what_readers_could_disagree_about(block: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(block)


def test_a_stranger_adds_no_line() -> None:
    assert (
        Head("GET /a\r\nX: y HTTP/1.1", (("A", "1\r\nB: 2"),)).encode()
        == b"GET /a  X: y HTTP/1.1\r\nA: 1  B: 2\r\n\r\n"
    )


@pytest.mark.parametrize("text", ["", "-1", "+1", "1 ", "0x1", "١", "9" * 20, "101"])
def test_numbers(text: str) -> None:
    assert unsigned("100", 100) == 100
    with pytest.raises(ProtocolError):
        unsigned(text, 100)
