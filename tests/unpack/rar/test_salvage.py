from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.unpack import rarmake as make

from lazaretto.errors import Malformed
from lazaretto.unpack.rar import salvage

SHORT, LONG = b"hello world payload " * 5, bytes(range(250)) * 2000


def five(content: bytes, size: int) -> bytes:
    return make.rar5(make.file5("a", content, data=make.packed5(content), method=3, size=size))


def four(content: bytes, size: int) -> bytes:
    return make.rar4(make.file4(b"a", content, data=make.packed4(content), method=3, size=size))


def chained(content: bytes, size: int) -> bytes:
    first = make.file4(b"0", b"xy", data=make.packed4(b"xy"), method=3)
    last = make.file4(b"a", content, data=make.packed4(content), method=3, size=size, flags=0x10)
    return make.rar4(first, last, flags=8)


@pytest.mark.parametrize("archive", [five, four, chained])
@pytest.mark.parametrize("content", [SHORT, LONG])
@pytest.mark.parametrize("wrong", [1000, 1 << 20])
def test_a_size_that_is_too_large_hides_nothing(
    kit: Any, archive: Callable[[bytes, int], bytes], content: bytes, wrong: int
) -> None:
    found = kit.exploded(archive(content, len(content) + wrong), "x")
    assert found.data["x!a"] == content
    assert found.names == {"unpack.malformed"}


@pytest.mark.parametrize("archive", [five, four])
@pytest.mark.parametrize("content", [SHORT, LONG])
def test_a_size_that_is_too_small_hides_nothing(
    kit: Any, archive: Callable[[bytes, int], bytes], content: bytes
) -> None:
    found = kit.exploded(archive(content, len(content) - 3), "x")
    assert found.data["x!a"] == content
    assert found.names <= {"unpack.malformed", "rar.checksum"}
    assert found.names


def test_the_failure_comes_after_the_rest() -> None:
    def broken() -> Iterator[bytes]:
        yield b"one"
        raise Malformed("x")

    got = []
    with pytest.raises(Malformed):
        got.extend(salvage.whole(broken(), lambda done: salvage.behind(iter([b"on", b"etwo", b"three"]), done)))
    chunks = salvage.whole(broken(), lambda done: salvage.behind(iter([b"on", b"etwo", b"three"]), done))
    assert [next(chunks) for _ in range(3)] == [b"one", b"two", b"three"]


def test_the_search_is_bounded() -> None:
    asked = []

    def sized(size: int) -> Iterator[bytes]:
        asked.append(size)
        yield bytes(min(size, 1234))

    assert b"".join(salvage.ending(sized, 1000, 1 << 40)) == bytes(234)
    assert len(asked) < 20
    assert list(salvage.ending(sized, 1 << 30, 1 << 40)) == []
