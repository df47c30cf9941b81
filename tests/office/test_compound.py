from __future__ import annotations

import contextlib
import io
import struct
import time

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import officefiles as make

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.office import compound
from lazaretto.office.compound import Compound

BIG, SMALL = b"0123456789abcdef" * 1000, b"small stream"
FILE = make.ole({"Big": BIG, "Small": SMALL, "Folder/Inner/Deep": b"deep" * 20, "Folder/Other": b"o" * 5000})


def streams(file: Compound) -> dict[str, bytes]:
    return {"/".join(file.path(each)): file.read(each) for each in file.streams()}


def poked(data: bytes, at: int, form: str, *values: int) -> bytes:
    out = bytearray(data)
    struct.pack_into(form, out, at, *values)
    return bytes(out)


def entry_at(data: bytes, name: str) -> int:
    """Where in the file its directory entry stands."""
    return data.index(name.encode("utf-16-le") + b"\0\0")


def test_all_streams_under_their_paths_as_another_reader_has_them() -> None:
    other = olefile.OleFileIO(io.BytesIO(FILE))
    theirs = {"/".join(path): other.openstream(path).read() for path in other.listdir()}
    assert streams(Compound(FILE)) == theirs
    assert theirs["Big"] == BIG


def test_names_are_compared_as_windows_does() -> None:
    file = Compound(FILE)
    entry = file.find("fOLDER", "inner", "DEEP")
    assert entry is not None
    assert file.read(entry) == b"deep" * 20
    assert file.find("Folder", "none") is None


def test_places_are_where_the_bytes_are() -> None:
    file = Compound(FILE)
    for entry in file.streams():
        assert b"".join(FILE[at : at + size] for at, size in file.places(entry)) == file.read(entry)


def test_large_sectors() -> None:
    """Version 4: one sector of directory, one of FAT, two of a stream, in 4096 bytes each."""
    fat = struct.pack("<5I", 0xFFFFFFFD, 0xFFFFFFFE, 3, 0xFFFFFFFE, 0xFFFFFFFF).ljust(4096, b"\xff")
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 22, 5, 1, 2**32 - 1, 2**32 - 1, 1)
    entry = "S".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBIII", 4, 2, 1, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    directory = root + bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0) + entry + bytes(36) + struct.pack("<IQ", 2, 5000)
    head = compound.MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 4, 0xFFFE, 12, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 1, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    data = head.ljust(512, b"\xff") + b"hidden".ljust(3584, b"\0")
    data += fat + directory.ljust(4096, b"\0") + b"x" * 5000 + bytes(3192)
    file = Compound(data)
    assert streams(file) == {"S": b"x" * 5000}
    assert file.slack()[0] == [(512, 4096)]


def test_orphans_are_found() -> None:
    data = poked(FILE, entry_at(FILE, "Root Entry") + 76, "<I", 0xFFFFFFFF)  # the root has no children
    file = Compound(data)
    assert not streams(file)
    assert {each.name: file.read(each) for each in file.orphans()}["Big"] == BIG


def test_what_no_stream_owns_and_what_was_appended() -> None:
    data = FILE + b"appended"
    spans, end = Compound(data).slack()
    assert [data[start:stop] for start, stop in spans if start >= end] == [b"appended"]
    start = data.index(BIG)
    at = entry_at(FILE, "Big") + 116
    shorter = poked(FILE, at, "<I", 0xFFFFFFFE)  # its chain is lost
    spans, end = Compound(shorter).slack()
    assert any(BIG[:512] in shorter[low:high] for low, high in spans if low <= start < end)
    assert Compound(FILE).slack()[0] == []


def test_a_stream_that_says_more_than_it_has() -> None:
    data = poked(FILE, entry_at(FILE, "Big") + 120, "<I", 2**31)
    file = Compound(data)
    entry = file.find("Big")
    assert entry is not None
    assert file.read(entry).startswith(BIG)
    with pytest.raises(Malformed, match="ends after"):
        list(file.chunks(entry))


def test_loops_end() -> None:
    file = Compound(FILE)
    fat = (struct.unpack_from("<I", FILE, 76)[0] + 1) * 512
    data = FILE[:fat] + struct.pack("<I", 0) * 128 + FILE[fat + 512 :]  # every sector is followed by the first
    for each in Compound(data).streams():
        Compound(data).read(each)
    at = entry_at(FILE, "Folder")
    looped = poked(FILE, at + 68, "<III", file.find("Folder").number, 0, 0)  # type: ignore[union-attr]
    assert streams(Compound(looped)) is not None


@pytest.mark.parametrize("data", [b"", compound.MAGIC, compound.MAGIC + bytes(503), b"x" * 2000])
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(Malformed):
        Compound(data)


def test_deep_nesting_has_short_paths() -> None:
    file = Compound(make.ole({"/".join("abcdefghij" * 10): b"x"}))
    (entry,) = file.streams()
    assert len(file.path(entry)) == 32


def test_time_is_linear() -> None:
    """A table of a table: as many entries as fit, all of one long chain."""
    many = make.ole({f"s{number:05}": b"" for number in range(30_000)})
    start = time.process_time()
    file = Compound(many)
    assert len(list(file.streams())) == 30_000
    file.slack()
    difat = poked(FILE + bytes(4_000_000), 76, "<109I", *([3] * 109))
    Compound(poked(difat, 68, "<I", 40)).slack()
    assert time.process_time() - start < 5


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(FILE) - 1), st.integers(0, 255)), max_size=20), st.integers(0, len(FILE)))
def test_any_damage_gives_streams_or_malformed(changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(FILE)
    for at, value in changes:
        data[at] = value
    try:
        file = Compound(bytes(data[:end]) if end % 3 == 0 else bytes(data))
        with contextlib.suppress(LimitExceeded):
            total = sum(len(file.read(each)) for each in (*file.streams(), *file.orphans()))
            assert total <= 4 * len(data) + 2**20
        file.slack()
        for each in file.streams():
            list(file.places(each))
    except Malformed:
        pass
