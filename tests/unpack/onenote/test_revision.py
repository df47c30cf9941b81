from __future__ import annotations

import time
from typing import Any

import pytest

from lazaretto.unpack.onenote.revision import Names, files


def contents(data: bytes) -> list[bytes]:
    return [data[file.start : file.end] for file in files(data)]


def test_lengths(one: Any) -> None:
    for length in (None, 0, 10**9, 2**63):
        assert contents(b"x" * 40 + one.stored(b"payload", length=length))[0][:7] == b"payload"
    assert contents(one.stored(b"payload")) == [b"payload"]


def test_a_footer_that_is_missing_or_stands_in_the_file(one: Any) -> None:
    assert contents(one.stored(b"payload", footer=b""))[0][:7] == b"payload"
    inner = one.stored(b"inner!!!")
    assert contents(one.stored(inner)) == [inner, b"inner!!!"]
    assert contents(one.header) == []


def test_names_by_the_lists(one: Any) -> None:
    data = one.section({"a.exe": b"1", "b.txt": b"2"}, "text")
    names = Names(data)
    assert [names.of(file) for file in files(data)] == [("a.exe",), ("b.txt",)]
    assert list(names.texts) == ["text"]
    assert names.complete


def test_the_ending_where_the_name_is_lost(one: Any) -> None:
    data = one.section({"a.exe": b"1"}).replace("a.exe".encode("utf-16-le"), bytes(10))
    names = Names(data)
    assert [names.of(file) for file in files(data)] == [("file.exe",)]


@pytest.mark.parametrize("kind", ["nodes", "fragments", "headers", "sets"])
def test_time(one: Any, kind: str) -> None:
    data = {
        "nodes": one.fragment + bytes(8) + one.node(0xA4, bytes(9), (0, 5)) * 400_000,
        "fragments": (one.fragment + bytes(8)) * 300_000 + one.node(0x94, bytes(16), (0, 5)),
        "headers": one.header * 300_000,
        "sets": one.fragment + bytes(8) + b"".join(one.node(0xA4, bytes(9), (at, 2**20)) for at in range(3000)),
    }[kind]
    data += bytes(2**20)
    start = time.process_time()
    names = Names(data)
    assert all(isinstance(names.of(file), tuple) for file in files(data))
    assert time.process_time() - start < 5
    assert names.complete == (kind == "headers")
