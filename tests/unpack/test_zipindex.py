from __future__ import annotations

import struct
import time
import zlib
from typing import Any

from lazaretto.unpack import zipindex


def test_sound_archive_has_no_notes(kit: Any) -> None:
    index = zipindex.read(kit.zip_of({"a": b"1", "b": b"22"}))
    assert [entry.names for entry in index.entries] == [(b"a",), (b"b",)]
    assert (index.notes, index.remarks) == ([], [])


def test_inner_archive_stored_in_the_outer_is_not_taken_apart(kit: Any) -> None:
    index = zipindex.read(kit.zip_of({"inner.zip": kit.zip_of({"a": b"1"}, 0), "b": b"2"}, 0))
    assert [entry.names[0] for entry in index.entries] == [b"inner.zip", b"b"]
    assert index.notes == []


def test_zip64_sizes_and_offsets() -> None:
    name, data = b"big", b"payload"
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(data))
    wide = 0xFFFFFFFF
    crc = zlib.crc32(data)
    local = (
        struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 0, crc, wide, wide, 3, len(extra)) + name + extra + data
    )
    more = struct.pack("<HHQQQ", 1, 24, len(data), len(data), 0)
    directory = (
        struct.pack("<4sHHHHHHIII", b"PK\1\2", 45, 45, 0, 0, 0, 0, crc, wide, wide)
        + struct.pack("<HHHHHII", 3, len(more), 0, 0, 0, 0, wide)
        + name
        + more
    )
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(directory), len(local))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(local) + len(directory), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, wide, wide, 0)
    index = zipindex.read(local + directory + end64 + locator + end)
    assert index.notes == []
    (entry,) = index.entries
    assert (entry.packed, entry.size, entry.start) == (7, 7, len(local) - 7)


def test_overlapping_members_are_noted(kit: Any) -> None:
    inner = kit.local(b"b", b"x" * 10)
    outer = kit.local(b"a", inner)
    entries = [
        kit.central(b"a", 0, len(inner), len(inner), zlib.crc32(inner)),
        kit.central(b"b", len(outer) - len(inner), 10, 10, zlib.crc32(b"x" * 10)),
    ]
    assert "1 members overlap others" in zipindex.read(outer + kit.end(entries, len(outer))).notes


def test_member_that_is_not_where_the_directory_says(kit: Any) -> None:
    member = kit.local(b"a", b"1")
    index = zipindex.read(member + kit.end([kit.central(b"a", 7, 1, 1, 0)], len(member)))
    assert "1 members of the directory are not where it says" in index.notes
    assert [entry.names for entry in index.entries] == [(b"a",)]  # by its local header


def test_same_name_twice_is_remarked(kit: Any) -> None:
    data = kit.local(b"a", b"1") + kit.local(b"a", b"2")
    assert "1 members have the name of another" in zipindex.read(data).remarks


def test_many_false_headers_take_linear_time() -> None:
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 8, 8, 0, 0, 0, 0, 0, 1, 0) + b"n"
    started = time.perf_counter()
    index = zipindex.read(header * 60_000)
    assert len(index.entries) == 60_000
    assert time.perf_counter() - started < 5


def test_more_members_than_anybody_needs() -> None:
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"n"
    index = zipindex.read(header * (zipindex.MOST + 5))
    assert len(index.entries) == zipindex.MOST
    assert index.full


def _two_ends(kit: Any) -> tuple[bytes, bytes, bytes]:
    """A stored member in which another stands, and a directory for each of them."""
    hidden = kit.local(b"b", b"x" * 10)
    member = kit.local(b"a", b"--" + hidden + b"--")
    size = len(hidden) + 4
    return (
        member,
        kit.central(b"a", 0, size, size, zlib.crc32(b"--" + hidden + b"--")),
        kit.central(b"b", member.index(hidden), 10, 10, zlib.crc32(b"x" * 10)),
    )


def test_old_end_record_beside_one_of_zip64(kit: Any) -> None:
    member, shown, other = _two_ends(kit)
    for wide, old in ((shown, other), (other, shown)):
        at = len(member) + len(wide) + 9
        data = member + wide + bytes(9) + old + bytes(9)
        end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(wide), len(member))
        locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(data), 1)
        index = zipindex.read(data + end64 + locator + kit.end([old], at)[len(old) :])
        assert {entry.names[0] for entry in index.entries} == {b"a", b"b"}
        assert "2 directories" in index.notes


def test_end_records_that_point_nowhere_hide_no_directory(kit: Any) -> None:
    member, _, other = _two_ends(kit)
    false = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 9, 9, 999_999, 999_999, 0)
    index = zipindex.read(member + kit.end([other], len(member)) + false * 30)
    assert b"b" in {entry.names[0] for entry in index.entries}
