from __future__ import annotations

import bz2
from typing import Any


def test_every_stream_and_what_follows(kit: Any) -> None:
    found = kit.exploded(bz2.compress(b"one ") + bz2.compress(kit.payload) + b"more", "a.txt.bz2")
    assert found.data["a.txt.bz2!a.txt"] == b"one " + kit.payload
    assert found.data["a.txt.bz2!trailing-data"] == b"more"
    assert found.findings == []


def test_truncated_at_every_byte(kit: Any) -> None:
    whole = bz2.compress(kit.payload)
    for cut in range(10, len(whole)):
        found = kit.exploded(whole[:cut])
        assert found.names == {"unpack.malformed"}, cut


def test_empty_stream(kit: Any) -> None:
    assert kit.exploded(bz2.compress(b"")).data["x!x.unpacked"] == b""
