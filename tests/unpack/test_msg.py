from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import mailcontainers
from tests.unpack import officefiles as make

FOLDER = "__attach_version1.0_#00000001/"
INNER = FOLDER + "__substg1.0_3701000D/"


def test_attachments_under_all_their_names(kit: Any) -> None:
    one = make.attachment(0, kit.payload, p3707="invoice.pdf.js", p3704="INVOIC~1.JS", p3001="shown", p370e="Text/X")
    found = kit.exploded(make.msg(one), "a.msg")
    assert found.types["a.msg"] == "application/vnd.ms-outlook"
    artifact = next(each for each in found.artifacts if each.path == "a.msg!invoice.pdf.js")
    assert artifact.data == kit.payload
    assert artifact.names == ("invoice.pdf.js", "INVOIC~1.JS", "shown")
    assert artifact.declared == "text/x"
    assert found.findings == []
    zipped = kit.zip_of({"in/a.msg": make.msg(one)})
    assert kit.exploded(zipped, "b.zip").data["b.zip!in/a.msg!invoice.pdf.js"] == kit.payload


def test_names_of_eight_bits_by_the_code_page(kit: Any) -> None:
    streams = {
        "__properties_version1.0": make.properties(32, (0x3FFD0003, 1251)),
        FOLDER + "__substg1.0_37010102": kit.payload,
        FOLDER + "__substg1.0_3707001E": "файл.js".encode("cp1251"),
    }
    assert kit.exploded(make.ole(streams), "a.msg").data["a.msg!файл.js"] == kit.payload


def test_texts(kit: Any) -> None:
    more = {
        "__substg1.0_1000001F": "Füße".encode("utf-16-le"),
        "__substg1.0_10130102": b"<html><body>" + kit.payload,
        "__substg1.0_10090102": mailcontainers.lzfu([b"{\\rtf1 text}"], 12),
        "__substg1.0_007D001F": "Received: from x\r\nSubject: y\r\n".encode("utf-16-le"),
        "__recip_version1.0_#00000000/__substg1.0_3003001F": kit.payload,
    }
    found = kit.exploded(make.msg(more=more), "a.msg")
    assert found.data["a.msg!body.txt"] == "Füße".encode()
    assert found.types["a.msg!body.html"] == "text/html"
    assert found.data["a.msg!body.rtf"] == b"{\\rtf1 text}"
    assert kit.payload in found.data["a.msg!properties.bin"]
    assert found.types["a.msg!properties.bin"] == "application/octet-stream"
    assert [each for each in found.data if "__substg" in each] == []


def test_a_message_in_a_message(kit: Any) -> None:
    inner = {
        INNER + "__properties_version1.0": make.properties(24, (0x3FFD0003, 1251)),
        INNER + "__attach_version1.0_#00000000/__substg1.0_37010102": kit.payload,
        INNER + "__attach_version1.0_#00000000/__substg1.0_3707001E": "файл.js".encode("cp1251"),
        FOLDER + "__substg1.0_3001001F": "Re: hello".encode("utf-16-le"),
    }
    found = kit.exploded(make.msg(more=inner), "a.msg")
    assert found.types["a.msg!Re: hello.msg"] == "application/vnd.ms-outlook"
    assert found.data["a.msg!Re: hello.msg!файл.js"] == kit.payload


def test_an_object_of_another_program(kit: Any) -> None:
    found = kit.exploded(make.msg(more={INNER + "CONTENTS": kit.payload}), "a.msg")
    assert found.holds(kit.payload)
    assert "application/x-ole-storage" in found.types.values()


def test_a_damaged_text_hides_no_attachment(kit: Any) -> None:
    more = {"__substg1.0_10090102": b"x" * 40}
    found = kit.exploded(make.msg(make.attachment(0, kit.payload, p3707="a.js"), more=more), "a.msg")
    assert found.data["a.msg!a.js"] == kit.payload
    assert "unpack.malformed" in found.names


def test_an_attachment_larger_than_the_file_hides_no_other(kit: Any) -> None:
    """Streams of a message in a message that share their sectors."""
    data = bytearray(
        make.msg(
            make.attachment(0, b"", p3707="x"),
            more={INNER + "A": b"a" * 100_000, INNER + "B": b"b" * 4096, INNER + "C": b"c" * 4096},
        )
    )
    first = data.index("A".encode("utf-16-le").ljust(64, b"\0"))
    for name in "BC":
        at = data.index(name.encode("utf-16-le").ljust(64, b"\0"))
        data[at + 116 : at + 124] = data[first + 116 : first + 124]
    found = kit.exploded(bytes(data), "a.msg")
    assert "limit.ratio" in found.names
    assert "a.msg!properties.bin" in found.data


def test_many_recipients_are_no_burden(kit: Any) -> None:
    more = {f"__recip_version1.0_#{n:08X}/__substg1.0_3003001F": b"a\0@\0" for n in range(3000)}
    start = time.process_time()
    assert len(kit.exploded(make.msg(more=more), "a.msg").artifacts) < 6
    assert time.process_time() - start < 5


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.binary(min_size=1, max_size=4)), max_size=12))
def test_flipped_bytes(kit: Any, changes: list[tuple[int, bytes]]) -> None:
    more = {INNER + "__properties_version1.0": bytes(24), "__substg1.0_1000001F": b"a\0", "__substg1.0_10090102": b"x"}
    data = bytearray(make.msg(make.attachment(0, b"x", p3707="a"), more=more))
    for where, value in changes:
        at = where % len(data)
        data[at : at + len(value)] = value
    assert "unpack.crashed" not in kit.exploded(bytes(data), "a.msg").names
