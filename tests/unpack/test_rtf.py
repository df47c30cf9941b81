from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def text(data: bytes) -> bytes:
    return struct.pack("<I", len(data) + 1) + data + b"\0" if data else bytes(4)


def packaged(data: bytes, name: bytes = b"run.js") -> bytes:
    path = b"C:\\tmp\\" + name
    inner = b"\2\0" + name + b"\0" + path + b"\0\0\0\3\0" + text(path) + struct.pack("<I", len(data)) + data
    return native(b"Package", inner)


def native(kind: bytes, data: bytes) -> bytes:
    return struct.pack("<II", 0x501, 2) + text(kind) + text(b"") + text(b"") + struct.pack("<I", len(data)) + data


def rtf(body: bytes, head: bytes = b"{\\rtf1") -> bytes:
    return head + b"\\ansi hello {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + body + b"}}}"


def spread(digits: bytes, between: bytes) -> bytes:
    return between.join(digits[at : at + 7] for at in range(0, len(digits), 7))


@pytest.mark.parametrize(
    "between",
    [
        b"",
        b"\r\n",
        b" \t",
        b"\\foo12 ",
        b"{\\*\\zz ab01}",
        b"{}",
        b"\\'41",
        b"\\~",
        b"\\bin0 ",
        b"{\\xyz{\\a}}",
        b"xyz",
    ],
)
def test_the_file_comes_out_whatever_stands_between_the_digits(kit: Any, between: bytes) -> None:
    found = kit.exploded(rtf(spread(packaged(kit.payload).hex().encode(), between)), "a.doc")
    assert found.types["a.doc"] == "application/rtf"
    assert found.data["a.doc!run.js"] == kit.payload


def test_digits_in_groups_are_read_too(kit: Any) -> None:
    digits = packaged(kit.payload).hex().encode()
    body = b"".join(b"{" + digits[at : at + 10] + b"}" for at in range(0, len(digits), 10))
    assert kit.exploded(rtf(body)).holds(kit.payload)


def test_binary_runs(kit: Any) -> None:
    octets = packaged(kit.payload)
    body = octets[:9].hex().encode() + b"\\bin%d " % (len(octets) - 9) + octets[9:]
    assert kit.exploded(rtf(body), "a.rtf").data["a.rtf!run.js"] == kit.payload


def test_other_objects_and_what_is_none(kit: Any) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + kit.payload
    found = kit.exploded(rtf(native(b"Word.Document.8", ole).hex().encode()), "a.rtf")
    assert found.types["a.rtf!Word.Document.8"] == "application/x-ole-storage"
    assert kit.exploded(rtf(kit.payload.hex().encode()), "a.rtf").data["a.rtf!object.bin"] == kit.payload


def test_several_objects_and_a_short_magic(kit: Any) -> None:
    one = rtf(packaged(b"one", b"1.js").hex().encode(), head=b"{\\rt")
    found = kit.exploded(one + one.replace(b"6f6e65", b"74776f"), "a.rtf")
    assert [artifact.data for artifact in found.artifacts[1:]] == [b"one", b"two"]


@settings(max_examples=200, deadline=None)
@given(
    body=st.lists(
        st.sampled_from([b"01", b"0105", b"{", b"}", b"\\", b"\\bin9 ", b"\\objdata", b"'", b"x"]), max_size=30
    )
)
def test_any_data_gives_members_or_nothing(kit: Any, body: list[bytes]) -> None:
    assert kit.exploded(rtf(b"".join(body))).findings == []


@pytest.mark.parametrize("body", [b"0 " * 2_000_000, b"{" * 4_000_000, b"\\objdata" * 500_000, b"\\bin1 " * 700_000])
def test_time_is_linear(kit: Any, body: bytes) -> None:
    start = time.process_time()
    kit.exploded(rtf(body), count=1000)
    assert time.process_time() - start < 5
