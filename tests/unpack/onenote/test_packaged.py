from __future__ import annotations

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lazaretto.unpack.onenote.packaged import FORMAT, items


def test_files_and_properties(one: Any) -> None:
    data = one.packaged("a.exe", b"payload" * 40_000)
    assert [item.data for item in items(data) if item.blob] == [b"payload" * 40_000]
    assert ["a.exe".encode("utf-16-le") in item.data for item in items(data) if not item.blob] == [True]


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    list(items(FORMAT * 4 + bytes(4) + data))


def test_time() -> None:
    for filler in (b"\x01", b"\x00\x00", b"\xb2\x00\x02\x00\xff", b"\x02\xff"):
        start = time.process_time()
        list(items(bytes(68) + filler * 2_000_000))
        assert time.process_time() - start < 5
