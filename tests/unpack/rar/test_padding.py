from __future__ import annotations

import pytest
from tests.unpack import rarmake as make

from lazaretto.unpack.rar import padding


@pytest.mark.parametrize("step", [1, 5, 16, 1000])
def test_the_length_of_blocks(step: int) -> None:
    for content in (b"x", bytes(10), bytes(range(256)) * 300):
        packed = make.packed5(content)
        data = packed + bytes(15)
        chunks = (data[at : at + step] for at in range(0, len(data), step))
        assert padding.length(chunks) == len(packed)


def test_what_has_no_end_is_taken_whole() -> None:
    data = bytes([make.packed5(b"abc")[0] & ~0x40]) + make.packed5(b"abc")[1:]
    assert padding.length(iter([data])) == len(data)
    assert padding.length(iter([])) == 0
