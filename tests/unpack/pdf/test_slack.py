from __future__ import annotations

import time

import pytest

from lazaretto.unpack.pdf import slack

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"
NEXT = b"2 0 obj\n<<>>\nendobj\n%%EOF"


def found(data: bytes) -> dict[str, bytes]:
    return {member.names[0]: b"".join(member.chunks) for member in slack.members(data)}


@pytest.mark.parametrize(
    "data", [b"", PDF, PDF + b"\r\n", PDF + bytes(9), PDF + b"\n" + NEXT, PDF + b"\nxref\n0 1\n" + NEXT, b"\n" + PDF]
)
def test_nothing_stands_there(data: bytes) -> None:
    assert found(data) == {}


def test_what_stands_there() -> None:
    assert found(b"GIF89a" + PDF) == {"leading-data": b"GIF89a"}
    assert found(PDF + b"\nMZ payload") == {"trailing-data": b"MZ payload"}
    assert found(PDF + b"\nMZ payload\n" + NEXT) == {"trailing-data": b"MZ payload"}
    assert found(PDF + b"\nMZ payload\n%%EOF\n") == {"trailing-data": b"MZ payload\n%%EOF"}


@pytest.mark.parametrize("data", [b"%%EOF x\n" * 500_000, b"%%EOFxx 1 0 ob" * 500_000])
def test_time(data: bytes) -> None:
    start = time.process_time()
    assert len(list(slack.members(b"%PDF-1.4" + data))) <= 64
    assert time.process_time() - start < 5
