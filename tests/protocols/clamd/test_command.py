from __future__ import annotations

import pytest

from lazaretto.protocols.clamd import command


def test_a_chunk_begins_with_its_length_in_network_order() -> None:
    assert command.chunk(5) == b"\0\0\0\5"
    assert command.chunk(command.PORTION) == b"\0\4\0\0"


@pytest.mark.parametrize("size", [0, -1, 2**32])
def test_no_chunk_is_the_end_by_accident(size: int) -> None:
    with pytest.raises(ValueError, match="chunk"):
        command.chunk(size)
