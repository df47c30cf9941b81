from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.mime import tnef


def properties(data: bytes) -> list[tnef.Property]:
    return list(tnef.Reader(b"").properties(data))


def test_attributes_whatever_their_checksum() -> None:
    data = make.tnef(make.code_page(1252), make.attribute(1, tnef.BODY, b"hello\0", checksum=1))
    found = {each.id: each.data for each in tnef.Reader(data).attributes()}
    assert tnef.charset(found[tnef.CODE_PAGE]) == "cp1252"
    assert found[tnef.BODY] == b"hello\0"


@pytest.mark.parametrize("fill", [b"", b"\0\0\0", b"\r\n"])
def test_fill_behind_the_last_is_none(fill: bytes) -> None:
    assert len(list(tnef.Reader(make.tnef() + fill).attributes())) == 1


def test_something_else_behind_the_last_is_said() -> None:
    with pytest.raises(Malformed):
        list(tnef.Reader(make.tnef() + b"\3else").attributes())


def test_properties_of_every_type_in_their_order() -> None:
    numbers = [
        make.number_prop(0x0E01, kind, bytes(size))
        for kind, size in [(2, 4), (3, 4), (4, 4), (5, 8), (6, 8), (7, 8), (10, 4), (11, 4), (20, 8), (64, 8), (72, 16)]
    ]
    several = make.number_prop(0x0E02, 0x1003, struct.pack("<III", 2, 5, 6))
    guid = bytes(16)
    named = [
        make.prop(0x8001, 0x1E, b"a\0", named=guid + struct.pack("<II", 0, 7)),
        make.prop(0x8002, 0x1E, b"b\0", named=guid + struct.pack("<II", 1, 6) + b"x\0y\0\0\0\0\0"),
    ]
    names = make.prop(0x3707, 0x101F, "long näme.js\0".encode("utf-16-le"), b"")
    found = properties(make.props(*numbers, several, *named, names, make.prop(0x3704, 0x1E, b"S\xfc.JS\0more")))
    assert [(each.id, each.text("cp1252")) for each in found] == [
        (0x8001, "a"),
        (0x8002, "b"),
        (0x3707, "long näme.js"),
        (0x3704, "Sü.JS"),
    ]


@pytest.mark.parametrize(
    ("number", "written", "read"),
    [
        (1252, b"\x80", "€"),
        (932, b"\x93\xfa", "日"),
        (65001, b"\xc3\xa4", "ä"),
        (28595, b"\xd4", "д"),
        (0, b"\xe4", "ä"),
    ],
)
def test_code_pages(number: int, written: bytes, read: str) -> None:
    assert tnef.string(written + b"\0", tnef.charset(struct.pack("<II", number, 0))) == read


def test_an_unknown_type_ends_the_list_with_an_error() -> None:
    with pytest.raises(Malformed):
        properties(make.props(make.number_prop(0x3001, 0x77, bytes(4))))


def test_cut_off_anywhere() -> None:
    whole = make.tnef(make.attachment(b"data", b"a.txt"))
    ends = [6 + 9 + 4 + 2]  # cut between two attributes, nothing is missing that anybody could know of
    for size in (14, 6, 4):
        ends.append(ends[-1] + 9 + size + 2)
    for cut in range(7, len(whole)):
        try:
            list(tnef.Reader(whole[:cut]).attributes())
        except Malformed:
            continue
        assert any(end - 2 <= cut <= end for end in ends), cut


def test_claims_of_any_size_are_quick() -> None:
    start = time.monotonic()
    for data in (
        struct.pack("<I", 2**32 - 1),
        struct.pack("<I", 2**32 - 1) + make.prop(0x3707, 0x1F, b"x"),
        make.props(struct.pack("<HHI", 0x1F, 0x3707, 2**32 - 1) + b"\0" * 100),
        make.props(struct.pack("<HHI", 0x1003, 0x3707, 2**32 - 1)) + b"x",
    ):
        try:
            properties(data)
        except HostileInput:
            continue
    assert time.monotonic() - start < 2


def test_elements_are_counted() -> None:
    start = time.monotonic()
    with pytest.raises(LimitExceeded):
        list(tnef.Reader(make.tnef(make.attribute(2, 1, b"") * 600_000)).attributes())
    with pytest.raises(LimitExceeded):
        properties(struct.pack("<IHHI", 1, 0x1F, 0x3707, 2**31) + bytes(4_000_000))
    assert time.monotonic() - start < 10


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for read in (tnef.Reader(make.tnef() + b"\2" + data).attributes, lambda: tnef.Reader(b"").properties(data)):
        try:
            for each in read():
                if isinstance(each, tnef.Property):
                    each.text("cp1252")
        except HostileInput:
            continue
