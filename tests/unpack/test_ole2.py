from __future__ import annotations

import struct
import time
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import officefiles as make

from lazaretto.office import compound

INSTALLER = "000C1084-0000-0000-C000-000000000046"
BIFF = make.book([(0xFC, b"text")])


def test_every_stream_under_its_path(kit: Any) -> None:
    data = make.ole({"WordDocument": bytes(5000), "Macros/VBA/Module1": kit.payload, "\x05SummaryInformation": b"s"})
    found = kit.exploded(data, "a.doc")
    assert found.types["a.doc"] == "application/msword"
    assert found.data["a.doc!Macros/VBA/Module1"] == kit.payload
    assert found.data["a.doc![5]SummaryInformation"] == b"s"
    assert found.findings == []
    assert (
        kit.exploded(kit.zip_of({"in/a.doc": data}), "b.zip").data["b.zip!in/a.doc!Macros/VBA/Module1"] == kit.payload
    )


def test_a_packaged_file_comes_out_under_its_name(kit: Any) -> None:
    streams = {"WordDocument": b"w", "ObjectPool/_12/\x01OLE10NATIVE": make.ole10native(kit.payload, "run.js")}
    found = kit.exploded(make.ole(streams), "a.doc")
    assert found.data["a.doc!ObjectPool/_12/run.js"] == kit.payload
    names = next(each.names for each in found.artifacts if each.data == kit.payload)
    assert {"run.js", "C:\\in\\run.js", "C:\\tmp\\run.js"} <= set(names)


def test_native_data_of_other_programs(kit: Any) -> None:
    octets = struct.pack("<I", len(kit.payload)) + kit.payload
    assert kit.exploded(make.ole({"\x01Ole10Native": octets}), "a").data["a!native.bin"] == kit.payload


def test_a_document_in_a_storage_is_a_file_of_its_own(kit: Any) -> None:
    streams = {"Workbook": BIFF, "MBD0001/Workbook": BIFF, "MBD0001/_VBA_PROJECT_CUR/VBA/x": kit.payload}
    found = kit.exploded(make.ole(streams), "a.xls")
    assert found.types["a.xls!MBD0001"] == "application/vnd.ms-excel"
    assert found.data["a.xls!MBD0001!_VBA_PROJECT_CUR/VBA/x"] == kit.payload


def test_an_embedded_document_with_a_password_is_said_to_be_locked(kit: Any) -> None:
    inner = {
        "ObjectPool/_1/EncryptionInfo": struct.pack("<HH", 3, 3) + bytes(9),
        "ObjectPool/_1/EncryptedPackage": b"x",
    }
    found = kit.exploded(make.ole({"WordDocument": b"w", **inner}), "a.doc")
    assert found.finding("unpack.encrypted").artifact == "a.doc!ObjectPool/_1"


def test_names_of_the_installer(kit: Any) -> None:
    packed = "".join(chr(0x3800 + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._".index(a) +
                         64 * "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._".index(b))
                     for a, b in ("Bi", "na", "ry"))  # fmt: skip
    found = kit.exploded(
        make.ole({packed + chr(0x4800 + 62): kit.payload, "\u4840" + packed: b"t"}, INSTALLER), "a.msi"
    )
    assert found.types["a.msi"] == "application/x-msi"
    assert found.data["a.msi!Binary."] == kit.payload
    assert "a.msi%21Binary" not in found.data
    assert found.data["a.msi!%21Binary"] == b"t"


def test_what_no_reader_shows(kit: Any) -> None:
    data = make.ole({"Hidden": kit.payload * 200, "Shown": b"s" * 5000})
    root = data.index("Root Entry".encode("utf-16-le"))
    lost = data[: root + 76] + struct.pack("<I", 0xFFFFFFFF) + data[root + 80 :]
    found = kit.exploded(lost, "a.doc")
    assert found.data["a.doc!orphan/Hidden"] == kit.payload * 200
    assert found.finding("ole2.orphans").evidence
    entry = data.index("Hidden".encode("utf-16-le"))
    free = data[: entry + 66] + b"\0" + data[entry + 67 : entry + 116] + b"\xfe\xff\xff\xff" + data[entry + 120 :]
    assert kit.payload in kit.exploded(free, "a.doc").data["a.doc!unallocated.bin"]


def test_what_was_appended(kit: Any) -> None:
    data = make.ole({"WordDocument": b"w" * 5000})
    data += bytes(-len(data) % 512)
    found = kit.exploded(data + kit.zip_of({"run.js": kit.payload}), "a.doc")
    assert found.holds(kit.payload)
    assert found.types["a.doc!appended.bin"] == "application/zip"
    assert "a.doc!appended.bin" not in kit.exploded(data + bytes(700), "a.doc").data


def test_equations_are_noted(kit: Any) -> None:
    found = kit.exploded(make.ole({"ObjectPool/_1/Equation Native": b"x"}), "a.doc")
    assert found.finding("ole2.equation").evidence == ("ObjectPool/_1/Equation Native",)


def test_a_stream_that_is_cut_off_is_said(kit: Any) -> None:
    data = make.ole({"WordDocument": b"w" * 5000})
    entry = data.index("WordDocument".encode("utf-16-le"))
    found = kit.exploded(data[: entry + 120] + struct.pack("<I", 999_999) + data[entry + 124 :], "a.doc")
    assert found.data["a.doc!WordDocument"].startswith(b"w" * 5000)
    assert "ends after" in found.finding("unpack.malformed").evidence[0]


def test_entries_that_share_their_sectors_are_a_bomb(kit: Any) -> None:
    """Two thousand streams of one megabyte in a file of less than two."""
    data = bytearray(make.ole({"A": b"a" * 2_000_000, **{f"s{number}": b"x" * 4096 for number in range(2000)}}))
    first = data.index("A\0\0\0".encode("ascii") + bytes(60))
    place = data[first + 116 : first + 124]
    for number in range(2000):
        at = data.index(f"s{number}".encode("utf-16-le").ljust(64, b"\0"))
        data[at + 116 : at + 124] = place
    start = time.process_time()
    found = kit.exploded(bytes(data), "a.doc")
    assert "limit.ratio" in found.names
    assert found.budget.bytes < 7 * len(data)
    assert time.process_time() - start < 2


def test_more_entries_than_are_looked_at(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound, "MOST", 50)
    data = make.ole({f"s{number}": b"" for number in range(100)})
    assert kit.exploded(data, "a").finding("limit.entries").evidence == ("a compound file of more than 50 entries",)


def test_many_entries_are_a_limit_soon(kit: Any) -> None:
    data = make.ole({f"s{number}": b"" for number in range(50_000)})
    start = time.process_time()
    assert "limit.count" in kit.exploded(data, "a").names
    assert time.process_time() - start < 5


def test_truncated_anywhere(kit: Any) -> None:
    data = make.ole({"WordDocument": b"w" * 9000, "ObjectPool/_1/\x01Ole10Native": make.ole10native(kit.payload)})
    for end in range(0, len(data), 97):
        assert "unpack.crashed" not in kit.exploded(data[:end], "a.doc").names


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=12))
def test_flipped_bytes(kit: Any, changes: list[tuple[int, int]]) -> None:
    data = bytearray(make.ole({"Workbook": BIFF, "MBD1/Workbook": BIFF, "\x01Ole10Native": make.ole10native(b"x")}))
    for at, value in changes:
        data[at % len(data)] = value
    assert "unpack.crashed" not in kit.exploded(bytes(data), "a.xls").names


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\a", "a\0b", "\u202eexe.doc", "/abs"])
def test_names_can_do_nothing(kit: Any, name: str) -> None:
    data = make.ole({"xxxxxxxxxxxxxxxx": kit.payload}).replace(
        "xxxxxxxxxxxxxxxx".encode("utf-16-le"), name.ljust(16, "_").encode("utf-16-le")
    )
    assert kit.exploded(data, "a.doc").holds(kit.payload)


def test_objects_of_a_document_that_was_saved_as_xml(kit: Any) -> None:
    inner = make.ole({"\x01Ole10Native": make.ole10native(kit.payload)})
    packed = struct.pack("<I", len(inner)) + zlib.compress(inner)
    found = kit.exploded(make.ole({"_1577691300": packed, "_12": packed[:40], "_13": b"text"}), "oledata.mso")
    assert found.data["oledata.mso!_1577691300.ole!run.js"] == kit.payload
    assert found.finding("unpack.malformed").artifact == "oledata.mso!_12.ole"


def test_documents_that_share_their_sectors_are_a_bomb(kit: Any) -> None:
    """A hundred workbooks of two megabytes in a file of three."""
    streams = {"Workbook": make.book([(0xFC, b"a" * 8000)] * 250)}
    streams |= {f"MBD{number:03}/Workbook": b"x" * 4096 for number in range(100)}
    data = bytearray(make.ole(streams))
    name = "Workbook".encode("utf-16-le").ljust(64, b"\0")
    places, at = [], data.find(name)
    while at >= 0:
        places.append(at)
        at = data.find(name, at + 1)
    largest = max(places, key=lambda place: int.from_bytes(data[place + 120 : place + 124], "little"))
    for place in places:
        data[place + 116 : place + 124] = data[largest + 116 : largest + 124]
    start = time.process_time()
    found = kit.exploded(bytes(data), "a.xls")
    assert "limit.ratio" in found.names
    assert time.process_time() - start < 5
