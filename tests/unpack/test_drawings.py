from __future__ import annotations

import struct
import zlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import officefiles as make
from tests.unpack.officefiles import atom

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)


def ppt(main: bytes, pictures: bytes = b"") -> bytes:
    return make.ole({"PowerPoint Document": main, "Pictures": pictures})


def picture(data: bytes = PNG) -> bytes:
    return atom(0xF01E, bytes(17) + data, instance=0x6E0)


def test_objects_of_powerpoint(kit: Any) -> None:
    inner = make.ole({"Workbook": make.book([(0xFC, kit.payload)])})
    packed = struct.pack("<I", len(inner)) + zlib.compress(inner)
    main = atom(0x3E8, atom(0x1011, packed, instance=1) + atom(0x1011, inner), container=True)
    found = kit.exploded(ppt(main), "a.ppt")
    assert found.data["a.ppt!object.ole"] == inner
    assert found.types["a.ppt!object.ole#2"] == "application/vnd.ms-excel"
    assert kit.payload in found.data["a.ppt!object.ole!Workbook"]
    assert found.findings == []
    assert kit.exploded(kit.zip_of({"a.ppt": ppt(main)}), "b.zip").holds(kit.payload)


def test_a_packed_object_without_its_checksum_is_whole(kit: Any) -> None:
    packed = struct.pack("<I", len(kit.payload)) + zlib.compress(kit.payload)[:-4]
    found = kit.exploded(ppt(atom(0x1011, packed, instance=1)), "a.ppt")
    assert found.data["a.ppt!object.ole"] == kit.payload
    assert found.findings == []
    short = kit.exploded(ppt(atom(0x1011, packed[:-20], instance=1)), "a.ppt")
    assert "unpack.malformed" in short.names


def test_a_bomb(kit: Any) -> None:
    packed = struct.pack("<I", 1 << 30) + zlib.compress(bytes(50_000_000))
    found = kit.exploded(ppt(atom(0x1011, packed, instance=1)), "a.ppt", ratio=100)
    assert "limit.ratio" in found.names


def test_pictures(kit: Any) -> None:
    emf = atom(0xF01A, bytes(16) + bytes(34) + zlib.compress(kit.payload), instance=0x3D4)
    found = kit.exploded(ppt(b"", picture() + emf), "a.ppt")
    assert found.data["a.ppt!picture.png"] == PNG
    assert found.data["a.ppt!picture.emf"] == kit.payload


def test_pictures_of_word(kit: Any) -> None:
    store = picture(PNG + kit.payload)
    plain = struct.pack("<IHH", 68 + len(store), 68, 0x64).ljust(68, b"\0") + store
    named = struct.pack("<IHH", 72 + len(store), 68, 0x66).ljust(68, b"\0") + b"\3abc" + store
    found = kit.exploded(make.ole({"WordDocument": bytes(200), "Data": plain + bytes(8) + named}), "a.doc")
    assert found.data["a.doc!picture.png"] == found.data["a.doc!picture.png#2"] == PNG + kit.payload


def test_pictures_of_excel(kit: Any) -> None:
    store = picture(PNG + kit.payload)
    rows = [(0xEB, store[:20]), (0x3C, store[20:]), (0xFC, b"text"), (0x3C, b"other")]
    found = kit.exploded(make.ole({"Workbook": make.book(rows)}), "a.xls")
    assert found.data["a.xls!picture.png"] == PNG + kit.payload


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["PowerPoint Document", "Pictures", "Data", "Workbook"]))
def test_any_bytes(kit: Any, data: bytes, name: str) -> None:
    first = {"Data": "WordDocument", "Pictures": "PowerPoint Document"}.get(name, name)
    assert "unpack.crashed" not in kit.exploded(make.ole({first: data, name: data}), "a").names


def test_an_object_that_no_record_leads_to(kit: Any) -> None:
    packed = struct.pack("<I", len(kit.payload)) + zlib.compress(kit.payload)
    main = struct.pack("<HHI", 0, 0x3E8, 0xFFFFFF00) + atom(0x1011, packed, instance=1)
    assert kit.exploded(ppt(main), "a.ppt").data["a.ppt!object.ole"] == kit.payload


def test_too_many_records_are_said(kit: Any) -> None:
    assert "limit.records" in kit.exploded(ppt(bytes(9_000_000)), "a.ppt").names


def test_each_program_finds_its_streams_beside_those_of_others(kit: Any) -> None:
    packed = struct.pack("<I", len(kit.payload)) + zlib.compress(kit.payload)
    main = atom(0x1011, packed, instance=1)
    assert kit.exploded(make.ole({"WordDocument": b"x", "PowerPoint Document": main}), "a.ppt").holds(kit.payload)
