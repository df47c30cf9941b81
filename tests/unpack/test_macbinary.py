from __future__ import annotations

import binascii
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def header(name: bytes, data: int, resource: int, comment: int = 0, second: int = 0, *, mark: bytes = b"mBIN") -> bytes:
    """As the MacBinary III standard has it."""
    head = struct.pack(
        ">xB63s4s4sBxHHHBxIIIIHB", len(name), name, b"APPL", b"????", 0, 0, 0, 0, 0, data, resource, 0, 0, comment, 0
    )
    head = head.ljust(102, b"\0") + mark
    head = head.ljust(116, b"\0") + struct.pack(">IHBB", 0, second, 130, 129)
    return head + struct.pack(">Hxx", binascii.crc_hqx(head, 0))


def padded(piece: bytes) -> bytes:
    return piece + bytes(-len(piece) % 128)


def macbinary(name: bytes, data: bytes, resource: bytes = b"", comment: bytes = b"", second: bytes = b"") -> bytes:
    head = header(name, len(data), len(resource), len(comment), len(second))
    return head + b"".join(map(padded, (second, data, resource, comment)))


def test_a_file_with_both_forks_and_its_name(kit: Any) -> None:
    data = macbinary(b"tool.exe", kit.payload, b"resource")
    found = kit.exploded(data, "x")
    assert found.types["x"] == "application/x-macbinary"
    assert found.data == {"x": data, "x!tool.exe.rsrc": b"resource", "x!tool.exe": kit.payload}
    assert found.findings == []


def test_one_in_a_zip_with_an_archive_in_it(kit: Any) -> None:
    inner = macbinary("gr\u00fcn.zip".encode("mac_roman"), kit.zip_of({"a": kit.payload}))
    found = kit.exploded(kit.zip_of({"m.bin": inner}))
    assert found.data["x!m.bin!gr\u00fcn.zip!a"] == kit.payload


def test_version_two_has_no_mark(kit: Any) -> None:
    found = kit.exploded(header(b"a", len(kit.payload), 0, mark=bytes(4)) + kit.payload)  # nor need it be padded
    assert found.data["x!a"] == kit.payload
    assert found.findings == []


def test_what_no_reader_should_see_is_looked_at_too(kit: Any) -> None:
    found = kit.exploded(macbinary(b"a", b"data", b"", b"a comment", kit.payload) + b"and more")
    assert found.data["x!second-header"] == kit.payload
    assert found.data["x!a"] == b"data"
    assert found.data["x!comment"] == b"a comment"
    assert found.data["x!trailing-data"].strip(b"\0") == b"and more"


@pytest.mark.parametrize("at", [0, 1, 74, 82, 90, 124])
def test_a_header_with_a_flaw_is_none(kit: Any, at: int) -> None:
    data = bytearray(macbinary(b"a", kit.payload))
    data[at] ^= 0x40
    assert kit.exploded(bytes(data)).types["x"] != "application/x-macbinary"


@pytest.mark.parametrize("cut", [128, 130, 196, 260])
def test_cut_off(kit: Any, cut: int) -> None:
    found = kit.exploded(macbinary(b"a", kit.payload, b"resource")[:cut])
    assert found.names == {"unpack.malformed"}
    assert cut < 196 or found.data["x!a"] == kit.payload


def test_lengths_that_lie(kit: Any) -> None:
    found = kit.exploded(header(b"a", 2**32 - 1, 2**32 - 1, 65535, 65535) + kit.payload)
    assert found.names == {"unpack.malformed"}
    assert found.data["x!second-header"] == kit.payload


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=122), st.binary(max_size=300))
def test_any_bytes(kit: Any, head: bytes, rest: bytes) -> None:
    head = (b"\0\5" + head).ljust(124, b"\0")
    head = head[:74] + b"\0" + head[75:82] + b"\0" + head[83:]
    found = kit.exploded(head + struct.pack(">Hxx", binascii.crc_hqx(head, 0)) + rest)
    assert "unpack.crashed" not in found.names
