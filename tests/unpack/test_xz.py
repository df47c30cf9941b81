from __future__ import annotations

import lzma
from typing import Any


def test_every_stream_with_padding_and_what_follows(kit: Any) -> None:
    found = kit.exploded(lzma.compress(b"one ") + bytes(8) + lzma.compress(kit.payload) + b"more", "a.tar.xz")
    assert found.data["a.tar.xz!a.tar"] == b"one " + kit.payload
    assert found.data["a.tar.xz!trailing-data"] == b"more"
    assert found.findings == []


def test_truncated_at_every_byte(kit: Any) -> None:
    whole = lzma.compress(kit.payload)
    for cut in range(6, len(whole)):
        found = kit.exploded(whole[:cut])
        assert found.names == {"unpack.malformed"}, cut
