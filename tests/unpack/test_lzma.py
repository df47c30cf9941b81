from __future__ import annotations

import lzma
import os
from typing import Any


def alone(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_ALONE)


def test_the_stream_and_what_follows(kit: Any) -> None:
    found = kit.exploded(alone(kit.payload) + b"more", "a.tar.lzma")
    assert found.types["a.tar.lzma"] == "application/x-lzma"
    assert found.data["a.tar.lzma!a.tar"] == kit.payload
    assert found.data["a.tar.lzma!trailing-data"] == b"more"
    assert found.findings == []


def test_truncated_at_every_byte(kit: Any) -> None:
    whole = alone(os.urandom(200))
    for cut in range(14, len(whole) - 6):  # the last bytes are the end mark
        assert kit.exploded(whole[:cut]).names == {"unpack.malformed"}, cut


def test_other_data_that_begins_so_is_left_alone(kit: Any) -> None:
    assert kit.exploded(b"]\0\0 is no archive, and this is a text\n").types["x"] != "application/x-lzma"
