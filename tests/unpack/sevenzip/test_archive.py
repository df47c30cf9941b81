from __future__ import annotations

from collections.abc import Callable

import pytest

from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.unpack.sevenzip.archive import Archive, named
from lazaretto.unpack.sevenzip.library import Library

Pack = Callable[..., bytes]
Opened = Callable[..., Archive]


def test_items_and_what_is_said_of_them(pack: Pack, opened: Opened) -> None:
    with opened(pack({"a/b.txt": b"hello" * 100, "empty": b""})) as archive:
        items = {item.path: item for item in archive.items()}
        assert archive.flags() == 0
    assert set(items) == {"a/b.txt", "empty"}
    item = items["a/b.txt"]
    assert (item.size, item.folder, item.encrypted, item.link) == (500, False, False, "")
    assert item.method.startswith("LZMA2")


def test_a_locked_list_asks_for_a_word(pack: Pack, opened: Opened) -> None:
    data = pack({"a": b"hello"}, "-psecret", "-mhe=on")
    for word in (None, "wrong"):
        with pytest.raises(Encrypted):
            opened(data, word=word)
    with opened(data, word="secret") as archive:
        assert [item.path for item in archive.items()] == ["a"]


def test_what_is_none_is_refused_and_nothing_is_kept(library: Library, opened: Opened) -> None:
    before = len(library.tables.objects)
    for data in (b"7z\xbc\xaf\x27\x1c" + bytes(60), b"x" * 100, b""):
        with pytest.raises(Malformed):
            opened(data)
    with pytest.raises(LimitExceeded):
        opened(b"", "nothing")
    assert len(library.tables.objects) == before


def test_an_archive_behind_something_else_is_not_looked_for(pack: Pack, opened: Opened) -> None:
    with pytest.raises(Malformed):
        opened(b"before" + pack({"a": b"hello"}))


def test_flags_have_names() -> None:
    assert named(1 << 5 | 1 << 10) == ["it ends early", "wrong checksum"]
