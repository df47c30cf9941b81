from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unpack import rarmake as make

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import data, keys, rar5
from lazaretto.unpack.rar.chains import Chain


def test_raw_data_in_pieces_without_padding() -> None:
    content = bytes(range(250)) * 3000
    archive = make.rar5(make.file5("a", content), make.file5("b", content[:5], word="w"))
    first, second = rar5.walk(archive, 0).items
    chunks = list(data.raw(archive, first, None))
    assert len(chunks) > 2
    assert b"".join(chunks) == content
    assert second.lock is not None
    opened = {second.lock: keys.key5("w", second.lock)}
    assert b"".join(data.raw(archive, second, opened)) == content[:5]
    with pytest.raises(Malformed):
        list(data.raw(archive, replace(first, missing=3), None))


def test_which_library() -> None:
    (item,) = rar5.walk(make.rar5(make.file5("a", b"x", data=b"x", method=3)), 0).items
    old = replace(item, version=29)
    nothing = data.Tools(None, None)
    assert nothing.missing(Chain([item, item])) == "libarchive13"
    assert nothing.missing(Chain([old])) == "libarchive13"
    assert nothing.missing(Chain([old, old])) == "libunarr1"
    assert nothing.missing(Chain([replace(item, version=20)])) == "libunarr1"
