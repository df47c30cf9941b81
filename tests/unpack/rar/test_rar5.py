from __future__ import annotations

import pytest
from tests.unpack import rarmake as make

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import rar5


def test_numbers() -> None:
    for value in (0, 127, 128, 1 << 40):
        assert rar5.Fields(make.vint(value)).vint() == value
    assert rar5.Fields(b"\x80\x80\x00").vint() == 0  # technote: preallocated numbers
    for broken in (b"", b"\x80", b"\xff" * 11):
        with pytest.raises(Malformed):
            rar5.Fields(broken).vint()


def test_a_file_header() -> None:
    data = make.rar5(make.file5("a", b"content", form=2 << 10 | 0x40, method=3, data=b"xyz", word="w", flags=8 | 16))
    archive = rar5.walk(data, 0)
    (item,) = archive.items
    assert (item.names, item.method, item.version, item.size, item.window) == (("a",), 3, 50, 7, 0x80000)
    assert item.solid
    assert item.before
    assert item.after
    assert item.lock is not None
    assert (item.lock.salt, item.lock.rounds, item.iv, len(item.lock.check)) == (make.SALT, 4, make.IV, 12)
    assert archive.end == len(data)
    assert not archive.damage


def test_versions_and_windows_of_rar_7() -> None:
    def item(form: int) -> tuple[int, int]:
        found = rar5.walk(make.rar5(make.file5("a", b"x", form=form, method=1, data=b"x")), 0).items[0]
        return found.version, found.window

    assert item(1 | 1 << 10 | 16 << 15) == (70, 0x40000 * 3 // 2)
    assert item(1 | 1 << 20) == (50, 0x20000)


def test_what_is_no_header_ends_the_walk() -> None:
    archive = rar5.walk(make.MARK5 + make.main5() + b"\1\2\3\4\5" + bytes(40), 0)
    assert "at offset" in archive.damage
    assert rar5.walk(make.MARK5 + make.main5(), 0).damage == "RAR: no end record"


def test_a_copied_header() -> None:
    block = make.file5("a", b"content")
    head = block[: -len(b"content")]
    item = rar5.copied(bytes(100), head, 10)
    assert item is not None
    assert (item.header, item.start) == (10, 10 + len(head))
    assert rar5.copied(b"", make.END5, 0) is None
    assert rar5.copied(b"", b"xx", 0) is None
