from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import officefiles as make

from lazaretto.office import objects


def test_a_packaged_file_has_every_name() -> None:
    found = objects.stream(make.ole10native(b"data", "run.js", "C:\\Temp\\other.exe"))
    assert found is not None
    assert found.data == b"data"
    assert found.names == ("run.js", "other.exe")
    assert set(found.paths) == {"C:\\in\\run.js", "C:\\Temp\\other.exe", "run.js"}


def test_names_in_utf_16_are_read_too() -> None:
    octets = make.ole10native(b"data", "\u0444.js", "C:\\t\\\u0444.exe".encode().decode())
    found = objects.stream(octets)
    assert found is not None
    assert found.names[0] == "\u0444.js"
    without = objects.stream(make.ole10native(b"data", wide=False))
    assert without is not None
    assert without.names == ("run.js",)


def test_what_is_no_package() -> None:
    assert objects.stream(b"") is None
    assert objects.stream(struct.pack("<I", 4) + b"\3\0ab") is None
    assert objects.packaged(b"\2\0" + b"a" * 5000 + b"\0b\0") is None


def test_ole_1() -> None:
    octets = struct.pack("<III", 0x501, 2, 8) + b"Package\0" + bytes(8) + struct.pack("<I", 4) + b"data"
    found = objects.native(octets)
    assert found is not None
    assert (found.name, found.data) == (b"Package", b"data")
    assert objects.native(b"\1\5\0\0\1\0\0\0") is None


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes(tail: bytes, cut: int) -> None:
    objects.native(tail)
    objects.stream(tail)
    objects.stream((make.ole10native(b"data")[:cut]) + tail)
