"""Writers of the old encodings, as small as can be: what uuencode, xxencode, yencode and macutils' binhex write."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Iterator

import pytest

XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def uu_lines(data: bytes, *, grave: bool = False) -> list[bytes]:
    pieces = (data[at : at + 45] for at in range(0, len(data), 45))
    return [binascii.b2a_uu(piece, backtick=grave).removesuffix(b"\n") for piece in pieces]


def xx_lines(data: bytes) -> list[bytes]:
    table = bytes.maketrans(bytes(range(32, 96)), XX)
    return [line.translate(table) for line in uu_lines(data)]


def yenc(data: bytes, line: int = 128) -> bytes:
    """The lines alone."""
    out, row = [], bytearray()
    for code in data:
        shifted = (code + 42) & 255
        row += bytes([61, (shifted + 64) & 255]) if shifted in b"\0\r\n=" else bytes([shifted])
        if len(row) >= line:
            out.append(bytes(row))
            row.clear()
    return b"\r\n".join([*out, bytes(row)] if row else out)


def six_bits(stream: bytes, width: int = 64) -> bytes:
    """BinHex's characters between the colons, in lines."""
    text = b":" + base64.b64encode(stream).rstrip(b"=").translate(bytes.maketrans(BASE64, HQX)) + b":"
    return b"\n".join(text[at : at + width] for at in range(0, len(text), width))


def binhex(name: bytes, data: bytes, resource: bytes = b"", *, packed: bool = False) -> bytes:
    header = bytes([len(name)]) + name + b"\0TEXTttxt\0\0"
    pieces = (header + len(data).to_bytes(4, "big") + len(resource).to_bytes(4, "big"), data, resource)
    stream = b"".join(piece + binascii.crc_hqx(piece, 0).to_bytes(2, "big") for piece in pieces)
    stream = stream.replace(b"\x90", b"\x90\0")
    if packed:  # runs of the letter A, which is enough for a test
        for count in range(255, 3, -1):
            stream = stream.replace(b"A" * count, b"A\x90" + bytes([count]))
    return b"(This file must be converted with BinHex 4.0)\n\n" + six_bits(stream) + b"\n"


class Writers:
    """The functions of this file, for test modules that cannot import it."""

    uu_lines, xx_lines, yenc, binhex, six_bits = map(staticmethod, (uu_lines, xx_lines, yenc, binhex, six_bits))


@pytest.fixture(scope="session")
def writers() -> type[Writers]:
    return Writers


SIZE = 4_000_000
SLOWEST = 3.0  # seconds of processor time for SIZE bytes


@pytest.fixture(scope="session")
def spend() -> Callable[[Callable[[bytes], Iterator[object]], bytes, bytes], None]:
    """Fails when a search through ``head`` and as much of ``pattern`` as fits takes long."""

    def check(find: Callable[[bytes], Iterator[object]], head: bytes, pattern: bytes) -> None:
        data = head + (pattern * (SIZE // len(pattern) + 1))[:SIZE]
        start = time.process_time()
        for _ in find(data):
            pass
        assert time.process_time() - start < SLOWEST, (head, pattern)

    return check
