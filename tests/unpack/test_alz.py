from __future__ import annotations

import bz2
import struct
import zlib
from typing import Any

EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
END = b"CLZ\x01" + bytes(12) + b"CLZ\x02"


def deflated(data: bytes) -> bytes:
    squeezer = zlib.compressobj(9, 8, -15)
    return squeezer.compress(data) + squeezer.flush()


def member(
    name: bytes, data: bytes, method: int = 0, *, width: int = 4, secret: bool = False, crc: int | None = None
) -> bytes:
    body = (data, bz2.compress(data), deflated(data))[method] if method < 3 else data
    checksum = zlib.crc32(data) if crc is None else crc
    head = struct.pack("<HBIBB", len(name), 0x20, 0, width << 4 | secret, 0)
    sizes = bytes([method, 0]) + struct.pack("<I", checksum)
    sizes += len(body).to_bytes(width, "little") + len(data).to_bytes(width, "little")
    return b"BLZ\x01" + head + sizes + name + b"\0" * 12 * secret + body


def alz(*members: bytes, end: bytes = END) -> bytes:
    return b"ALZ\x01\n\0\0\0" + b"".join(members) + end


def test_eicar_by_every_method(kit: Any) -> None:
    archive = alz(*(member(b"d\\%d.com" % n, EICAR, n, width=(1, 2, 8)[n]) for n in range(3)))
    found = kit.exploded(archive, "a.alz")
    assert found.types["a.alz"] == "application/x-alz"
    assert [found.data[f"a.alz!d/{n}.com"] for n in range(3)] == [EICAR] * 3
    assert found.findings == []
    assert kit.exploded(kit.zip_of({"a.alz": archive}), "z.zip").data["z.zip!a.alz!d/1.com"] == EICAR


def test_locked_unknown_damaged_and_behind(kit: Any) -> None:
    names = "한글.exe".encode("cp949")
    archive = alz(
        member(names, b"x", secret=True), member(b"c", b"x", 7), member(b"\xff", EICAR, crc=1), end=END + b"more"
    )
    found = kit.exploded(archive, "a.alz")
    assert found.finding("unpack.encrypted").evidence == ("한글.exe",)
    assert found.finding("alz.method").evidence == ("c: method 7",)
    assert "alz.checksum" in found.names
    assert found.holds(EICAR)
    assert found.data["a.alz!trailing-data"] == b"more"


def test_truncated_at_every_byte_and_flipped(kit: Any) -> None:
    whole = alz(member(b"a", kit.payload), member(b"b", kit.payload, 2))
    for cut in range(6, len(whole) - len(END)):
        assert kit.exploded(whole[:cut]).findings, cut
    for at in range(6, len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0xFF
        assert "unpack.crashed" not in kit.exploded(bytes(changed)).names
