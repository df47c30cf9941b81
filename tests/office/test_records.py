from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st
from tests.unpack.officefiles import atom

from lazaretto.office import records


def test_records_in_records() -> None:
    data = atom(0x3E8, atom(0xFA8, b"text") + atom(0x3F0, atom(0xFA0, b"w"), container=True), container=True)
    assert [(each.kind, data[each.start : each.end]) for each in records.records(data)][1::2] == [
        (0xFA8, b"text"),
        (0xFA0, b"w"),
    ]


def test_pictures() -> None:
    png = atom(0xF01E, bytes(17) + b"PNG", instance=0x6E0)
    two = atom(0xF01D, bytes(33) + b"JPEG", instance=0x46B)
    emf = atom(0xF01A, bytes(16) + bytes(32) + b"\0\xfe" + b"packed", instance=0x3D4)
    entry = atom(0xF007, bytes(33) + b"\2" + bytes(2) + b"nn" + png, instance=6)
    store = atom(0xF001, entry + two, container=True, instance=2)
    found = [(each.extension, each.data, each.packed) for each in records.pictures(store + emf)]
    assert found == [("png", b"PNG", False), ("jpg", b"JPEG", False), ("emf", b"packed", True)]


def test_time_is_linear() -> None:
    start = time.process_time()
    assert sum(1 for _ in records.records(b"\x0f\0\0\0\xff\xff\xff\xff" * 900_000)) == 900_000
    assert time.process_time() - start < 5


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert len(list(records.records(data))) <= len(data) // 8 + 1
    list(records.pictures(data))
