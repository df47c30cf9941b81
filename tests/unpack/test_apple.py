from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

SINGLE, DOUBLE = 0x00051600, 0x00051607
FINDER = b"TEXTttxt" + bytes(24)


def apple(*entries: tuple[int, bytes], magic: int = SINGLE) -> bytes:
    """As RFC 1740, appendix A, has it."""
    at = 26 + 12 * len(entries)
    head = struct.pack(">II16xH", magic, 0x00020000, len(entries))
    for kind, data in entries:
        head += struct.pack(">III", kind, at, len(data))
        at += len(data)
    return head + b"".join(data for _, data in entries)


def test_a_file_with_both_forks_and_its_name(kit: Any) -> None:
    data = apple((9, FINDER), (3, b"tool.exe"), (2, b"resource"), (1, kit.payload))
    found = kit.exploded(data, "x")
    assert found.types["x"] == "application/applefile"
    assert found.data == {"x": data, "x!tool.exe.rsrc": b"resource", "x!tool.exe": kit.payload}
    assert found.findings == []


def test_an_apple_double_takes_its_name_from_its_own(kit: Any) -> None:
    found = kit.exploded(apple((9, FINDER), (2, kit.payload), magic=DOUBLE), "._tool.exe")
    assert found.data["._tool.exe!tool.exe.rsrc"] == kit.payload
    assert found.findings == []


def test_a_name_in_the_mac_charset(kit: Any) -> None:
    found = kit.exploded(apple((3, "gr\u00fcn.zip".encode("mac_roman")), (1, kit.zip_of({"a": kit.payload}))))
    assert found.data["x!gr\u00fcn.zip!a"] == kit.payload


def test_a_thousand_names_are_too_many(kit: Any) -> None:
    found = kit.exploded(apple(*((3, b"name %d" % n) for n in range(1000)), (1, kit.payload)))
    assert found.artifacts[1].names == ("name 0", "name 1", "name 2", "name 3")


def test_what_no_reader_should_see_is_looked_at_too(kit: Any) -> None:
    found = kit.exploded(apple((77, kit.payload)) + b"and more")
    assert found.data["x!entry-77"] == kit.payload
    assert found.data["x!trailing-data"] == b"and more"


@pytest.mark.parametrize("cut", [4, 20, 30, 60, 85])
def test_cut_off(kit: Any, cut: int) -> None:
    found = kit.exploded(apple((3, b"a"), (2, b"resource"), (1, kit.payload))[:cut])
    assert found.names == {"unpack.malformed"}
    assert cut < 85 or found.holds(kit.payload[:8])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(kit: Any, data: bytes) -> None:
    for magic in (SINGLE, DOUBLE):
        found = kit.exploded(magic.to_bytes(4, "big") + data)
        assert "unpack.crashed" not in found.names


def test_many_entries_of_everything_end_in_a_limit(kit: Any) -> None:
    for kind in (1, 3, 9):
        head = struct.pack(">II16xH", SINGLE, 0x00020000, 65535)
        entries = struct.pack(">III", kind, 0, 4_000_000) * 65535
        start = time.process_time()
        found = kit.exploded((head + entries).ljust(4_000_000, b"x"), total_bytes=50_000_000)
        assert time.process_time() - start < 3
        assert found.names == ({"limit.total_bytes"} if kind == 1 else set())
