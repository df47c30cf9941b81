from __future__ import annotations

import io

import olefile
import pytest

from lazaretto.errors import LimitExceeded
from lazaretto.office import writer
from lazaretto.office.compound import Compound
from lazaretto.office.writer import Node

CLSID = "00020820-0000-0000-C000-000000000046"


def tree(count: int, size: int) -> Node:
    inner = Node(
        "Storage", children=[Node(f"Stream {number}", bytes([number % 251]) * size) for number in range(count)]
    )
    return Node("Root Entry", children=[inner, Node("\x05Info", b"i" * 70), Node("Empty", b"")], clsid=CLSID)


@pytest.mark.parametrize(("count", "size"), [(0, 0), (3, 10), (40, 64), (5, 4095), (5, 4096), (9, 100_000), (300, 65)])
def test_another_reader_has_the_same(count: int, size: int) -> None:
    data = writer.write(tree(count, size))
    other = olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_INCORRECT)
    assert other.root.clsid == CLSID
    assert len(other.listdir()) == count + 2
    for number in range(count):
        assert other.openstream(["Storage", f"Stream {number}"]).read() == bytes([number % 251]) * size
    assert other.openstream("\x05Info").read() == b"i" * 70


def test_more_sectors_than_the_header_has_room_for() -> None:
    """109 sectors of FAT are about 7 MB."""
    data = writer.write(Node("Root Entry", children=[Node("Large", b"large" * 1_800_000)]))
    assert olefile.OleFileIO(io.BytesIO(data)).openstream("Large").read() == b"large" * 1_800_000
    file = Compound(data)
    assert file.read(next(file.streams())) == b"large" * 1_800_000


def test_a_storage_becomes_a_file() -> None:
    file = Compound(writer.write(tree(4, 5000)))
    storage = file.find("Storage")
    assert storage is not None
    copied = Compound(writer.write(writer.copy(file, storage, 100_000)))
    assert {copied.path(each): copied.read(each) for each in copied.streams()} == {
        (f"Stream {number}",): bytes([number]) * 5000 for number in range(4)
    }
    with pytest.raises(LimitExceeded):
        writer.copy(file, storage, 10_000)
