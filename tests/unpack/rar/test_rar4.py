from __future__ import annotations

import struct
from typing import Any

from tests.unpack import rarmake as make

from lazaretto.unpack.rar import rar4


def test_a_file_header() -> None:
    flags = 0x10 | 0x20 | 2
    archive = rar4.walk(make.rar4(make.file4(b"a", b"content", method=3, data=b"xyz", word="w", flags=flags)), 0)
    (item,) = archive.items
    assert (item.names, item.method, item.version, item.size, item.window) == (("a",), 3, 29, 7, 0x20000)
    assert item.solid
    assert item.after
    assert item.lock is not None
    assert item.lock.salt == make.SALT[:8]
    assert not archive.damage


def test_sizes_of_more_than_32_bits() -> None:
    fields = struct.pack("<IIBIIBBHI", 3, 5, 3, 0, 0, 29, 0x30, 1, 0o100644) + struct.pack("<II", 1, 2)
    archive = rar4.walk(make.MARK4 + make.main4() + make.block4(0x74, 0x8100, fields + b"a", b"xyz"), 0)
    (item,) = archive.items
    assert item.size == (2 << 32) + 5
    assert (item.packed, item.missing) == (3, 1 << 32)


def test_folders_and_links() -> None:
    folder = make.file4(b"d", b"", flags=0xE0)
    link = make.file4(b"l", b"/etc", host=3, attributes=0o120777)
    archive = rar4.walk(make.rar4(folder, link), 0)
    assert [item.folder for item in archive.items] == [True, False]
    assert [bool(item.link) for item in archive.items] == [False, True]


def test_a_comment_in_the_archive_header() -> None:
    comment = make.block4(0x75, 0, b"\5\0\x0f\x30\0\0hello")
    main = bytearray(make.main4(2))
    main[5:7] = struct.pack("<H", len(main) + len(comment))
    archive = rar4.walk(make.MARK4 + bytes(main) + comment + make.END4, 0)
    assert archive.pieces == [("comment", comment)]


def test_headers_of_too_many_salts() -> None:
    asked = []

    def unlock(lock: object) -> tuple[bytes, bytes]:
        asked.append(lock)
        return bytes(16), bytes(16)

    rar4.walk(make.MARK4 + make.main4(0x80) + bytes(100), 0, unlock)
    assert len(asked) == 1


def test_a_version_of_the_other_format_is_none(kit: Any) -> None:
    found = kit.exploded(make.rar4(make.file4(b"a", b"content", version=50, word="w")), "x.rar", passwords=("w",))
    assert found.names == {"unpack.encrypted"}  # and no attempt with the keys of RAR 5
