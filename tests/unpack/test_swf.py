from __future__ import annotations

import lzma
import struct
import time
import zlib
from typing import Any

import pytest

from lazaretto.testing import EICAR


def tag(kind: int, body: bytes) -> bytes:
    if len(body) < 63:
        return struct.pack("<H", kind << 6 | len(body)) + body
    return struct.pack("<HI", kind << 6 | 63, len(body)) + body


def body(*tags: bytes) -> bytes:
    return bytes([0x78, 0, 5, 0x5F, 0, 0, 0x0F, 0xA0, 0]) + b"\0\x0c\1\0" + b"".join(tags) + b"\0\0"


MOVIE = body(tag(9, b"\xff\xff\xff"), tag(87, struct.pack("<HI", 7, 0) + EICAR), tag(82, b"script bytes"))


def plain(inner: bytes) -> bytes:
    return b"FWS\x0a" + struct.pack("<I", len(inner) + 8) + inner


def flate(inner: bytes) -> bytes:
    return b"CWS\x0a" + struct.pack("<I", len(inner) + 8) + zlib.compress(inner)


def packed(inner: bytes) -> bytes:
    alone = lzma.compress(inner, lzma.FORMAT_ALONE)
    return b"ZWS\x0d" + struct.pack("<II", len(inner) + 8, len(alone) - 13) + alone[:5] + alone[13:]


@pytest.mark.parametrize(("make", "path"), [(plain, "a.swf"), (flate, "a.swf!movie.swf"), (packed, "a.swf!movie.swf")])
def test_binary_data_comes_out(kit: Any, make: Any, path: str) -> None:
    found = kit.exploded(make(MOVIE), "a.swf")
    assert found.types["a.swf"] == "application/vnd.adobe.flash.movie"
    assert found.data[f"{path}!binary-7.bin"] == EICAR
    assert b"script bytes" in found.data[path]
    inside = kit.exploded(kit.zip_of({"d/a.swf": make(MOVIE)}), "z.zip")
    assert inside.holds(EICAR)
    assert f"z.zip!d/{path}!binary-7.bin" in inside.data


def test_pictures_and_what_is_appended(kit: Any) -> None:
    found = kit.exploded(plain(body(tag(21, b"\1\0\xff\xd8\xff picture"))) + b"MZ" + EICAR, "a.swf")
    assert found.types["a.swf!picture-1.jpg"] == "image/jpeg"
    assert found.data["a.swf!trailing-data"] == b"MZ" + EICAR
    assert kit.exploded(flate(MOVIE) + b"tail", "a.swf").data["a.swf!trailing-data"] == b"tail"


@pytest.mark.parametrize("make", [plain, flate, packed])
def test_damaged(kit: Any, make: Any) -> None:
    data = make(MOVIE)
    for at in range(9, len(data)):
        for damaged in (data[:at], data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]):
            assert "unpack.crashed" not in kit.exploded(damaged, "a.swf").names


def test_bombs(kit: Any) -> None:
    start = time.process_time()
    assert "limit.ratio" in kit.exploded(packed(bytes(2**24)), "a.swf").names
    kit.exploded(plain(body(b"\x40\0" * 2_000_000)), "a.swf")
    assert time.process_time() - start < 5
