from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Pack = Callable[..., bytes]


def test_what_stands_behind_an_archive_is_given(pack: Pack, kit: Any) -> None:
    data = pack({"a": b"hello"})
    found = kit.exploded(data + bytes(100) + b"more" + bytes(9), "x.7z")
    assert found.data["x.7z!x.7z.tail"] == bytes(100) + b"more" + bytes(9)
    assert "x.7z!x.7z.tail" not in kit.exploded(data + bytes(100), "x.7z").data


@pytest.mark.parametrize("options", [("-psecret",), ("-psecret", "-mhe=on")])
def test_locked_archives(pack: Pack, kit: Any, options: tuple[str, ...]) -> None:
    data = pack({"a.txt": kit.payload, "b.txt": b"other"}, *options)
    closed = kit.exploded(data, "x.7z")
    assert not closed.holds(kit.payload)
    assert "3 words tried" in closed.finding("unpack.encrypted").evidence[0]
    found = kit.exploded(data, "x.7z", passwords=("wrong", "secret"))
    assert found.data["x.7z!a.txt"] == kit.payload
    assert found.names == {"unpack.password"}


def test_a_locked_file_beside_an_open_one(pack: Pack, kit: Any) -> None:
    pack({"open.txt": b"open"})
    data = pack({"open.txt": b"open"}, name="b.7z")
    assert kit.exploded(data).data["x!open.txt"] == b"open"
