from __future__ import annotations

import struct
import subprocess
import time
from typing import Any

import pytest

from lazaretto import config
from lazaretto.model import Artifact
from lazaretto.unpack import lz4
from lazaretto.unpack.signatures import LZ4

EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
SKIPPED = struct.pack("<II", 0x184D2A53, 9) + b"skipped: " + struct.pack("<II", 0x184D2A50, 0)


def packed(data: bytes, *options: str) -> bytes:
    return subprocess.run(["lz4", "-zc", *options], input=data, stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.parametrize(
    "options", [(), ("-9",), ("-BD", "-B4"), ("--content-size",), ("-BX",), ("--no-frame-crc",), ("-l",)]
)
def test_every_kind_of_frame(kit: Any, options: tuple[str, ...]) -> None:
    found = kit.exploded(packed(EICAR, *options), "a.com.lz4")
    assert found.types["a.com.lz4"] == LZ4
    assert found.data["a.com.lz4!a.com"] == EICAR
    assert found.findings == []
    assert kit.exploded(kit.zip_of({"a.lz4": packed(EICAR, *options)}), "z.zip").data["z.zip!a.lz4!a"] == EICAR


def test_frames_joined_skippable_frames_and_what_follows(kit: Any) -> None:
    data = SKIPPED + packed(b"one " * 100_000) + SKIPPED + packed(b"two ", "-l") + packed(kit.payload) + b"more"
    found = kit.exploded(data, "a.lz4")
    assert found.types["a.lz4"] == LZ4
    assert found.data["a.lz4!a"] == b"one " * 100_000 + b"two " + kit.payload
    assert found.data["a.lz4!skippable-frame-8"] == b"skipped: "
    assert found.data["a.lz4!trailing-data"] == b"more"
    assert found.findings == []
    assert kit.exploded(packed(b""), "a.lz4").findings == []


def test_truncated_and_flipped_at_every_byte(kit: Any) -> None:
    whole = packed(kit.payload * 3)
    for cut in range(7, len(whole) - 4):
        assert kit.exploded(whole[:cut]).names == {"unpack.malformed"}, cut
    for at in range(4, len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        assert "unpack.crashed" not in kit.exploded(bytes(changed)).names


def test_bombs(kit: Any) -> None:
    started = time.monotonic()
    bomb = packed(bytes(50_000_000), "-9")
    assert "limit.member_bytes" in kit.exploded(bomb, member_bytes=5_000_000).names
    many = kit.exploded(packed(b"x") + SKIPPED * 50_000)
    assert many.names <= {"limit.count", "unpack.malformed", "unpack.unsupported"}
    assert time.monotonic() - started < 5


def test_without_the_library() -> None:
    unpacker = lz4.Lz4(config.Settings())
    assert "libarchive" in unpacker.describe()[0]
    unpacker._library = None
    (finding,) = unpacker.unpack(Artifact("x", (), packed(EICAR), LZ4, "", None, None, 0, ""))
    assert getattr(finding, "name", "") == "unpack.tool"
    assert "apt install" in unpacker.describe()[0]
