from __future__ import annotations

import struct

from tests.engines.macros import files

from lazaretto.office import properties


def test_what_office_calls_them() -> None:
    assert properties.texts(files.properties(title="One", comments="Two")) == {"title": "One", "comments": "Two"}


def test_of_a_documents_own() -> None:
    name = b"Key\0"
    dictionary = struct.pack("<III", 1, 2, len(name)) + name
    value = struct.pack("<II", 0x1F, 6) + "Value".encode("utf-16-le") + b"\0\0"
    start = 8 + 16
    section = struct.pack("<IIIIII", 0, 2, 0, start, 2, start + len(dictionary)) + dictionary + value
    head = b"\xfe\xff\0\0" + bytes(20) + struct.pack("<I", 2)
    first = struct.pack("<II", 8, 0)
    octets = head + bytes(16) + struct.pack("<I", 68) + bytes(16) + struct.pack("<I", 76) + first + section
    assert properties.texts(octets) == {"key": "Value"}


def test_damage_at_any_place() -> None:
    whole = files.properties(title="One", comments="Two" * 50)
    for at in range(len(whole)):
        properties.texts(whole[:at])
        properties.texts(whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :])
    assert properties.texts(b"") == {}
