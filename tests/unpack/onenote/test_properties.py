from __future__ import annotations

import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lazaretto.unpack.onenote.properties import read


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def test_names_belong_to_what_they_name(one: Any) -> None:
    values = {0x1C001D9C: wide("a.exe\0"), 0x1C001DD7: wide("b.png"), 0x20001C3F: 7, 0x20001D9B: 8}
    found = read(one.properties(values))
    assert found.names == ("a.exe", "b.png")
    assert sorted(found.named) == [(7, "b.png"), (8, "a.exe")]


def test_the_path_of_the_source_is_a_name(one: Any) -> None:
    assert read(one.properties({0x1C001D9D: wide("C:\\Users\\x\\run.bat")})).names == ("run.bat",)


def test_values_of_all_sizes_are_stepped_over(one: Any) -> None:
    kinds = {
        2 << 26: b"",
        3 << 26: b"\1",
        4 << 26: b"\1\2",
        5 << 26: b"1234",
        6 << 26: b"12345678",
        9 << 26: b"\2\0\0\0",
    }
    text = struct.pack("<I", 4) + wide("hi")
    data = struct.pack("<I", 1 << 31) + struct.pack("<H", len(kinds) + 1)
    data += struct.pack(f"<{len(kinds) + 1}I", *kinds, 0x1C001C22) + b"".join(kinds.values()) + text
    assert read(data).texts == ("hi",)


def test_other_lists_in_front_are_stepped_over(one: Any) -> None:
    plain = one.properties({0x1C001C22: wide("hi")})
    contexts = struct.pack("<III", 1, 9, 0)
    assert read(struct.pack("<III", 0, 1 | 1 << 30, 9) + contexts[:0] + struct.pack("<II", 1, 9) + plain[4:]).texts == (
        "hi",
    )


@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    read(data)
    read(b"\1\0\0\x80\5\0\0\0" + data)
