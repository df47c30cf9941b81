from __future__ import annotations

import mmap
from dataclasses import replace

import pytest
from tests.unpack import rarmake as make

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.rar import rar4, rar5, rebuild


def test_what_is_built_says_the_same() -> None:
    data = make.rar5(make.file5("a", b"content", data=make.packed5(b"content"), method=3, word="w"))
    (item,) = rar5.walk(data, 0).items
    built = b"".join(rebuild.rar5([item, item], lambda each: iter([bytes(each.packed)])))
    first, second = rar5.walk(built, 0).items
    assert (first.size, first.method, first.packed, first.lock, first.solid) == (7, 3, item.packed, None, False)
    assert second.solid
    assert not rar5.walk(built, 0).notes
    built = b"".join(rebuild.rar4([item, item], lambda each: iter([bytes(each.packed)])))
    first, second = rar4.walk(built, 0).items
    assert (first.size, first.method, first.packed, first.lock, first.solid) == (7, 3, item.packed, None, False)
    assert second.solid
    assert not rar4.walk(built, 0).notes


def test_the_window_is_no_larger_than_what_comes_out() -> None:
    data = make.rar5(make.file5("a", b"content", form=15 << 10, method=3, data=b"x"))
    (item,) = rar5.walk(data, 0).items
    small, large = replace(item, size=1 << 20), replace(item, size=1 << 30)
    built = rar5.walk(b"".join(rebuild.rar5([small], lambda _: iter([b"x"]))), 0).items[0]
    assert built.window == 1 << 20
    with pytest.raises(LimitExceeded):
        list(rebuild.rar5([large], lambda _: iter([b"x"])))
    with pytest.raises(LimitExceeded):
        list(rebuild.rar5([replace(item, size=None)], lambda _: iter([b"x"])))


def test_a_dictionary_for_which_there_is_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = rar5.walk(make.rar5(make.file5("a", b"content", method=3, data=b"x")), 0).items

    def refuse(_file: int, _size: int) -> None:
        raise OSError

    monkeypatch.setattr(mmap, "mmap", refuse)
    with pytest.raises(LimitExceeded, match="no memory"):
        list(rebuild.rar5([item], lambda _: iter([b"x"])))
