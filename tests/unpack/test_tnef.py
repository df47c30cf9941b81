from __future__ import annotations

import struct
import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make
from tests.unpack.conftest import PAYLOAD, exploded

from lazaretto.model import Kind
from lazaretto.testing import mail

IID_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def utf16(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


def test_an_attachment_under_all_its_names(kit: Any) -> None:
    properties = [
        make.number_prop(0x3705, 3, struct.pack("<I", 1)),
        make.prop(0x3704, 0x1E, b"INVOIC~1.EXE\0"),
        make.prop(0x3707, 0x1F, utf16("invoïce.exe")),
        make.prop(0x370E, 0x1E, b"Application/PDF\0"),
        make.prop(0x370C, 0x1E, b"transport.exe\0"),
    ]
    data = make.tnef(make.code_page(1252), make.attachment(kit.payload, b"t\xeftle.exe", properties))
    found = kit.exploded(mail(attachments={"winmail.dat": data}), "m")
    artifact = found.artifacts[-1]
    assert artifact.path == "m!2/winmail.dat!invoïce.exe"
    assert artifact.names == ("invoïce.exe", "transport.exe", "INVOIC~1.EXE", "tïtle.exe")
    assert (artifact.data, artifact.declared, artifact.part) == (kit.payload, "application/pdf", None)
    assert found.findings == []


def test_names_in_the_code_page_of_the_sender(kit: Any) -> None:
    data = make.tnef(make.code_page(932), make.attachment(kit.payload, "請求書.exe".encode("cp932")))
    assert "w!請求書.exe" in kit.exploded(data, "w").data


def test_several_attachments_and_archives_in_them(kit: Any) -> None:
    data = make.tnef(
        make.attachment(b"first\n", b"a.txt"),
        make.attachment(kit.zip_of({"run.js": kit.payload}), b"b.zip"),
        make.attachment(None, b"c.bin", [make.prop(0x3701, 0x102, b"third\n")]),
        make.attachment(None, b"nothing"),
    )
    found = kit.exploded(data, "winmail.dat")
    assert list(found.data) == [
        "winmail.dat",
        "winmail.dat!a.txt",
        "winmail.dat!b.zip",
        "winmail.dat!c.bin",
        "winmail.dat!b.zip!run.js",
    ]
    assert found.findings == []


def test_two_contents_of_one_attachment_are_both_read(kit: Any) -> None:
    twice = make.attribute(2, 0x0006800F, b"harmless") + make.attribute(2, 0x0006800F, kit.payload)
    assert kit.exploded(make.tnef(make.attachment(None, b"a") + twice), "w").holds(kit.payload)


def test_the_picture_of_an_attachment_has_a_name_of_its_own(kit: Any) -> None:
    picture = make.attribute(2, 0x00068011, b"\1\0\x09\0" + kit.payload)
    found = kit.exploded(make.tnef(make.attachment(b"sound", b"a.mp3"), picture), "w")
    assert found.data["w!a.mp3"] == b"sound"
    assert found.data["w!picture.wmf"].endswith(kit.payload)


def test_types_of_attributes_are_not_asked_for(kit: Any) -> None:
    data = make.attribute(2, 0x9002, b"") + make.attribute(2, 0x00028010, b"a.js\0")
    assert kit.exploded(make.tnef(data, make.attribute(2, 0x800F, kit.payload)), "w").data["w!a.js"] == kit.payload


def test_an_embedded_message_is_opened(kit: Any) -> None:
    inner = make.tnef(make.attachment(kit.payload, b"run.js"))
    embedded = make.attachment(b"", b"Re: hello", [make.prop(0x3701, 0x0D, IID_MESSAGE + inner)])
    found = kit.exploded(make.tnef(embedded), "w")
    assert found.data["w!Re: hello!run.js"] == kit.payload
    assert found.types["w!Re: hello"] == "application/vnd.ms-tnef"
    assert found.findings == []


def test_an_ole_object_is_given_as_it_is(kit: Any) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    data = make.tnef(make.attachment(b"", b"Picture", [make.prop(0x3701, 0x0D, bytes(16) + ole)]))
    found = kit.exploded(data, "w")
    assert found.data["w!Picture"] == ole
    assert found.types["w!Picture"] == "application/x-ole-storage"


def test_every_text_of_the_message(kit: Any) -> None:
    rtf = b"{\\rtf1\\ansi " + kit.payload + b"}"
    properties = make.props(
        make.prop(0x1000, 0x1F, utf16("pläin")),
        make.prop(0x1013, 0x102, b"<html>" + kit.payload),
        make.prop(0x1009, 0x102, make.lzfu([rtf], len(rtf))),
    )
    data = make.tnef(make.attribute(1, 0x0002800C, b"old body\0"), make.attribute(1, 0x00069003, properties))
    found = kit.exploded(data, "w")
    assert found.data["w!body.txt"] == b"old body"
    assert found.data["w!body.txt#2"] == "pläin".encode()
    assert found.data["w!body.html"] == b"<html>" + kit.payload
    assert found.data["w!body.rtf"] == rtf
    assert found.types["w!body.rtf"] == "application/rtf"
    assert found.findings == []


def test_wrong_checksums_do_not_matter(kit: Any) -> None:
    data = bytearray(make.tnef(make.attachment(kit.payload, b"a")))
    data[-2:] = b"\xff\xff"
    found = kit.exploded(bytes(data), "w")
    assert found.data["w!a"] == kit.payload
    assert found.findings == []


def test_a_broken_list_of_properties_does_not_hide_the_data(kit: Any) -> None:
    broken = make.attribute(2, 0x00069005, make.props(make.number_prop(0x3001, 0x77, b"")))
    found = kit.exploded(make.tnef(make.attachment(kit.payload, b"a"), broken, make.attachment(b"more", b"b")), "w")
    assert found.data["w!a"] == kit.payload
    assert found.data["w!b"] == b"more"
    assert found.finding("unpack.malformed").kind is Kind.FAILED


def test_truncated_at_every_byte_gives_data_or_a_finding(kit: Any) -> None:
    whole = make.tnef(make.attachment(kit.payload, b"a", [make.prop(0x3707, 0x1E, b"run.js\0")]))
    first = whole.index(kit.payload) - 9
    for cut in range(first + 1, len(whole)):
        found = kit.exploded(whole[:cut], "w")
        assert "unpack.crashed" not in found.names
        assert found.findings or found.holds(kit.payload), cut


def test_bombs_are_limits(kit: Any) -> None:
    start = time.monotonic()
    bomb = make.lzfu([b"a", *[(1, 17)] * 300_000], 2**31, end=False)
    text = make.attribute(1, 0x00069003, make.props(make.prop(0x1009, 0x102, bomb)))
    assert "limit.member_bytes" in kit.exploded(make.tnef(text), "w", member_bytes=2**20).names
    data = make.tnef(make.attachment(PAYLOAD, b"x"))
    for _ in range(40):
        data = make.tnef(make.attachment(b"", b"x", [make.prop(0x3701, 0x0D, bytes(16) + data)]))
    assert "limit.depth" in kit.exploded(data, "w").names
    assert "limit.elements" in kit.exploded(make.tnef(make.attribute(2, 1, b"") * 600_000), "w").names
    assert "limit.count" in kit.exploded(make.tnef(make.attachment(b"x") * 5000), "w", count=100).names
    assert time.monotonic() - start < 20


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for whole in (
        make.tnef() + data,
        make.tnef() + b"\2" + data,
        make.tnef(make.attribute(1, 0x00069003, data)),
        make.tnef(make.attribute(2, 0x00069005, data)),
        make.tnef(make.attachment(b"x", b"y", [make.prop(0x3701, 0x0D, data)])),
    ):
        assert "unpack.crashed" not in exploded(whole, "w").names
