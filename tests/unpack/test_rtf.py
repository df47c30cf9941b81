from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.model import Severity


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


@pytest.mark.parametrize(
    "start",
    [
        b"\\objdata ",
        b"\\objdata\r\n",
        b"\\objdata12345678 ",
        b"\\objdata-7",
        b"\\objdata\\zz0001020304050607080910 ",
        b"\\objdata\\uc1\\u8364? ",
        b"\\objdata\\bin000000000000000000000000 ",
        b"\\objdata\\'00",
        b"\\objdata{\\*\\objdata dead}",
        b"\\objdata deadbeef}{\\*\\objdata ",
        b"\\objdata 0105deadbe {\\*\\objdata ",
    ],
)
def test_what_stands_in_front_of_the_digits(kit: Any, start: bytes) -> None:
    digits = packaged(kit.payload).hex().encode()
    data = b"{\\rt{\\object\\objupdate{\\*" + start + digits + b"}}}"
    assert kit.payload in kit.exploded(data, "a.rtf").data.values()


def test_a_parameter_may_be_the_first_digits(kit: Any) -> None:
    digits = packaged(kit.payload).hex().encode()
    assert kit.exploded(b"{\\rtf1{\\*\\objdata" + digits + b"}}", "a.rtf").holds(kit.payload)


def test_a_wrong_header_hides_no_document(kit: Any) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + kit.payload
    octets = struct.pack("<III", 0x501, 2, 2**31 - 1) + b"Equation.3\0" + ole
    assert kit.exploded(rtf(octets.hex().encode()), "a.rtf").data["a.rtf!object.ole"] == ole


def test_pictures_and_other_data(kit: Any) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + kit.payload
    data = b"{\\rtf1{\\pict\\pngblip\\picw10{\\*\\blipuid 00ff} " + picture.hex().encode() + b"}"
    data += b"{\\*\\themedata " + kit.zip_of({"a.txt": kit.payload}).hex().encode() + b"}}"
    found = kit.exploded(data, "a.rtf")
    assert found.data["a.rtf!picture.png"] == picture
    assert found.data["a.rtf!themedata.bin!a.txt"] == kit.payload


def test_what_is_fetched_or_started_when_it_is_opened(kit: Any) -> None:
    for target in (b"http://a/b.dotm", b"\\\\\\\\host\\\\b", b"\\u104?\\u116?\\u116?\\u112?\\'3a//a/"):
        found = kit.exploded(b"{\\rtf1{\\*\\template " + target + b"}}", "a.rtf")
        assert found.names == {"rtf.template"}
    assert kit.exploded(b"{\\rtf1{\\*\\template C:\\\\a.dotx}}", "a.rtf").names == set()
    data = rtf(packaged(b"x").hex().encode()).replace(b"\\objemb", b"\\objautlink\\objupdate")
    assert kit.exploded(data, "a.rtf").finding("rtf.update").severity is Severity.INFORMATIONAL
    data = data.replace(packaged(b"x").hex().encode(), native(b"OLE2Link", b"h\0t\0t\0p\0s\0:\0").hex().encode())
    assert kit.exploded(data, "a.rtf").finding("rtf.update").severity is Severity.MEDIUM


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


@pytest.mark.parametrize(
    "body",
    [
        b"0 " * 2_000_000,
        b"{" * 4_000_000,
        b"\\objdata" * 500_000,
        b"\\bin1 " * 700_000,
        b"\\bin" + b"9" * 2_000_000,
        b"\\*\\template " * 300_000,
    ],
)
def test_time_is_linear(kit: Any, body: bytes) -> None:
    start = time.process_time()
    kit.exploded(rtf(body), count=1000)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "before", [b"{\\pict ", b"{\\pict\\bin4294967296 ", b"{\\*\\objdata 0105\\bin99999 "], ids=["group", "bin", "data"]
)
def test_an_object_in_what_never_ends(kit: Any, before: bytes) -> None:
    body = b"{\\rtf1" + before + b"{\\object{\\*\\objdata " + packaged(kit.payload).hex().encode() + b"}}"
    assert kit.exploded(body, "a.rtf").holds(kit.payload)


def test_a_number_of_bytes_that_is_larger_than_the_file(kit: Any) -> None:
    octets = packaged(kit.payload)
    assert kit.exploded(rtf(b"\\bin4294967296 " + octets.hex().encode()), "a.rtf").holds(kit.payload)
    assert kit.exploded(rtf(b"\\bin99999 " + octets), "a.rtf").holds(kit.payload)


@pytest.mark.parametrize("piece", [b"{}", b"{", b"\\a", b"0g", b"{\\*\\objdata 01", b"\\bin99999999 ", b"\\bin0 "])
def test_work_is_bounded(kit: Any, piece: bytes) -> None:
    start = time.process_time()
    found = kit.exploded(b"{\\rtf1{\\*\\objdata " + piece * (12_000_000 // len(piece)), "a.rtf")
    assert time.process_time() - start < 5
    assert found.names & {"limit.rtf", "limit.count", "limit.ratio", "limit.total_bytes"}
