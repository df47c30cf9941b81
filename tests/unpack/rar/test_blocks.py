from __future__ import annotations

from lazaretto.unpack.rar.blocks import Lock, no_key


def test_no_key_opens_nothing() -> None:
    assert no_key(Lock(b"salt")) is None
