from __future__ import annotations

import subprocess
from typing import Any

from lazaretto.unpack import lzip
from lazaretto.unpack.signatures import LZIP

EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def packed(data: bytes, *options: str) -> bytes:
    return subprocess.run(["lzip", "-c", *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def test_eicar_alone_and_in_a_zip(kit: Any) -> None:
    found = kit.exploded(packed(EICAR), "a.com.lz")
    assert found.types["a.com.lz"] == LZIP
    assert found.data["a.com.lz!a.com"] == EICAR
    assert found.findings == []
    assert kit.exploded(kit.zip_of({"a.lz": packed(EICAR)}), "z.zip").data["z.zip!a.lz!a"] == EICAR


def test_every_member_and_what_follows(kit: Any) -> None:
    data = packed(b"one " * 99_999, "-9") + packed(b"", "-0") + packed(kit.payload, "-b", "100000") + b"more"
    found = kit.exploded(data, "a.tlz")
    assert found.data["a.tlz!a.tar"] == b"one " * 99_999 + kit.payload
    assert found.data["a.tlz!trailing-data"] == b"more"
    assert found.findings == []


def test_truncated_at_every_byte_and_a_wrong_checksum(kit: Any) -> None:
    whole = packed(kit.payload)
    for cut in range(5, len(whole)):
        assert kit.exploded(whole[:cut]).names & {"unpack.malformed", "lzip.checksum"}, cut
    found = kit.exploded(whole[:-20] + bytes(4) + whole[-16:], "a.lz")
    assert found.data["a.lz!a"] == kit.payload
    assert found.names == {"lzip.checksum"}


def test_windows_and_bombs(kit: Any) -> None:
    assert lzip._window(0x0C) == 4096
    assert lzip._window(0xD3) == (1 << 19) - 6 * (1 << 15)  # the manual's example
    whole = bytearray(packed(kit.payload))
    whole[5] = 29  # 512 MiB
    assert kit.exploded(bytes(whole)).names == {"limit.memory"}
    bomb = packed(bytes(20_000_000))
    assert "limit.ratio" in kit.exploded(bomb, ratio=100).names
