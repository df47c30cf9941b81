from __future__ import annotations

import random
import struct
import time
import zlib
from typing import Any

import pytest

EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


def literals(data: bytes) -> bytes:
    return b"".join(b"\xff" + data[at : at + 8] for at in range(0, len(data), 8))


def szdd(body: bytes, size: int, last: bytes = b"m") -> bytes:
    return b"SZDD\x88\xf0\x27\x33A" + last + struct.pack("<I", size) + body


def kwaj(body: bytes, method: int, flags: int = 0, optional: bytes = b"") -> bytes:
    return b"KWAJ\x88\xf0\x27\xd1" + struct.pack("<HHH", method, 14 + len(optional), flags) + optional + body


def test_eicar_alone_and_in_a_zip(kit: Any) -> None:
    archive = szdd(literals(EICAR), len(EICAR))
    found = kit.exploded(archive, "a.co_")
    assert found.types["a.co_"] == "application/x-szdd"
    assert found.data["a.co_!a.com"] == EICAR
    assert found.findings == []
    assert kit.exploded(kit.zip_of({"a.co_": archive}), "z.zip").data["z.zip!a.co_!a.com"] == EICAR


def test_matches_blanks_and_the_form_of_qbasic(kit: Any) -> None:
    # Four bytes, a match of 8 that overlaps itself, a match in the blanks that the ring begins with.
    body = bytes([0b001111]) + b"abcd" + bytes([0xF0, 0xF5]) + bytes([0x00, 0x02])
    found = kit.exploded(szdd(body, 17), "a.tx_")
    assert found.data["a.tx_!a.txm"] == b"abcd" + b"abcdabcd" + b"     "
    basic = b"SZ\x20\x88\xf0\x27\x33\xd1" + struct.pack("<I", 12) + bytes([0b001111]) + b"abcd" + bytes([0xEE, 0xF5])
    assert kit.exploded(basic, "a.tx$").data["a.tx$!a.tx"] == b"abcdabcdabcd"


@pytest.mark.parametrize(
    ("method", "body"),
    [
        (0, EICAR),
        (1, bytes(byte ^ 0xFF for byte in EICAR)),
        (2, literals(EICAR)),
    ],
)
def test_kwaj(kit: Any, method: int, body: bytes) -> None:
    optional = struct.pack("<I", len(EICAR)) + b"xx" + b"\3\0abc" + b"A\0" + b"COM\0" + b"\5\0hello"
    found = kit.exploded(kwaj(body, method, 63, optional), "a.co_")
    assert found.types["a.co_"] == "application/x-kwaj"
    assert found.data["a.co_!A.COM"] == EICAR
    assert found.data["a.co_!text"] == b"hello"
    assert found.findings == []


def test_kwaj_of_deflated_blocks(kit: Any) -> None:
    text = bytes(range(256)) * 128 + EICAR + bytes(range(200))
    body, before = b"", b""
    for at in range(0, len(text), 32768):
        block = text[at : at + 32768]
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before) if before else zlib.compressobj(9, 8, -15)
        packed = b"CK" + squeezer.compress(block) + squeezer.flush()
        body, before = body + struct.pack("<H", len(packed)) + packed, block
    found = kit.exploded(kwaj(body, 4), "a.co_")
    assert found.data["a.co_!a.co"] == text
    assert found.findings == []
    for cut in range(20, len(body), 7):
        assert "unpack.crashed" not in kit.exploded(kwaj(body[:cut], 4)).names
    assert kit.exploded(kwaj(body, 3)).names == {"kwaj.method"}


def test_truncated_at_every_byte(kit: Any) -> None:
    whole = szdd(literals(kit.payload), len(kit.payload))
    for cut in range(8, len(whole)):
        assert kit.exploded(whole[:cut]).names == {"unpack.malformed"}, cut


def test_a_bomb(kit: Any) -> None:
    started = time.monotonic()
    found = kit.exploded(szdd(b"\0" + b"\0\x0f" * 8, 10) + (b"\0" + b"\0\x0f" * 8) * 200_000, member_bytes=5_000_000)
    assert "limit.member_bytes" in found.names
    assert time.monotonic() - started < 5


def test_matches_across_many_chunks(kit: Any) -> None:
    """Against the ring of 4096 bytes as the format describes it."""
    choose, body, ring, at, expected = random.Random(1), bytearray(), bytearray(b" " * 4096), 4080, bytearray()
    while len(expected) < 300_000:
        body.append(control := choose.randrange(256))
        for bit in range(8):
            piece = bytes([choose.randrange(256)])
            if control >> bit & 1:
                body += piece
                wanted = [None]
            else:
                match, length = choose.randrange(4096), choose.randrange(3, 19)
                body += bytes([match & 255, match >> 8 << 4 | length - 3])
                wanted = [(match + n) % 4096 for n in range(length)]
            for place in wanted:
                byte = piece[0] if place is None else ring[place]
                ring[at] = byte
                expected.append(byte)
                at = (at + 1) % 4096
    found = kit.exploded(szdd(bytes(body), len(expected)), "a.tx_")
    assert found.data["a.tx_!a.txm"] == bytes(expected)
