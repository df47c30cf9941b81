from __future__ import annotations

import lzma
import re
import struct
import zlib
from typing import Any

import pytest

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.unpack.executable import layout, upx
from lazaretto.unpack.executable.layout import Image


def image_of(data: bytes) -> Image:
    image = layout.read(data)
    assert image is not None
    return image


def packed(samples: Any, method: int, body: bytes, size: int, mark: bytes = b"UPX!") -> bytes:
    """A program of which only the pack header is UPX's."""
    head = mark + struct.pack("<BBBBIIIIIBBBB", 13, 9, method, 1, 0, 0, size, len(body), size, 0, 0, 0, 0)
    content: bytes = samples.pe_of(
        [(b"UPX0", b"", 0xE0000080), (b"UPX1", head + body, 0xE0000040)], spans=[0x4000], entry=0x5000
    )
    return content


def test_a_real_program_comes_out_with_its_sections(samples: Any) -> None:
    data = samples.clam("clam-upx.exe")
    plain = upx.unpack(data, image_of(data))
    assert plain is not None
    image = image_of(plain)
    assert [each.name for each in image.sections] == [b".text", b".rdata", b".rsrc", b".clam"]
    assert image.entry == 0x1020
    assert samples.code() in plain


def test_the_filter_of_a_real_program_is_undone(samples: Any) -> None:
    data = samples.clam("clam.ea05.exe")
    plain = upx.unpack(data, image_of(data))
    assert plain is not None
    text = image_of(plain).sections[0]
    code = plain[text.start : text.start + text.length]
    calls = [found.start() for found in re.finditer(b"\xe8", code)][:5000]
    ends = [at + 5 + struct.unpack_from("<i", code, at + 1)[0] for at in calls]
    assert sum(0 <= end < len(code) for end in ends) > len(ends) * 0.8


def test_lzma_and_deflate(samples: Any) -> None:
    plain = b"some code of a program " * 40 + samples.code()
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": 3, "lp": 0, "pb": 2}]
    encoded = b"\x1a\x03" + lzma.compress(plain, lzma.FORMAT_RAW, filters=chain)
    data = packed(samples, 14, encoded, len(plain))
    assert upx.unpack(data, image_of(data)) == plain
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed(samples, 15, deflate.compress(plain) + deflate.flush(), len(plain))
    assert upx.unpack(data, image_of(data)) == plain


def test_calls_and_jumps_are_turned_back() -> None:
    body = bytearray(b"\x90" * 100)
    body[20:25] = b"\xe8" + (0x7F000000 | 60).to_bytes(4)
    body[40:46] = b"\x0f\x84" + (0x7F000000 | 80).to_bytes(4)
    upx.unfilter(body, 0, 100, 0x49, 0x7F)
    assert body[20:25] == b"\xe8" + struct.pack("<i", 60 - 21)
    assert body[40:46] == b"\x0f\x84" + struct.pack("<i", 80 - 42)
    plain = bytearray(b"\x0f\x84" + (0x7F000000 | 80).to_bytes(4) + bytes(20))
    upx.unfilter(plain, 0, 26, 0x26, 0x7F)
    assert plain[:6] == b"\x0f\x84" + (0x7F000000 | 80).to_bytes(4)


def test_programs_of_linux_are_packed_in_blocks(samples: Any) -> None:
    plain = b"the program of Linux " * 30
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": 3, "lp": 0, "pb": 2}]
    block = b"\x1a\x03" + lzma.compress(plain, lzma.FORMAT_RAW, filters=chain)
    body = struct.pack("<I4sHBB", 0, b"UPX!", 0, 13, 22) + struct.pack("<III", 0, len(plain) + 4, len(plain))
    body += struct.pack("<IIBBBB", len(plain), len(block), 14, 0, 0, 0) + block
    body += struct.pack("<IIBBBB", 4, 4, 14, 0, 0, 0) + b"rest" + struct.pack("<I4sI", 0, b"UPX!", 0)
    data = samples.elf_of(body)
    assert upx.unpack(data, image_of(data)) == plain + b"rest"


def test_a_wiped_mark_is_no_pack_header_and_a_lie_is_refused(samples: Any) -> None:
    data = packed(samples, 15, b"x" * 90, 100, mark=b"ABC!")
    assert upx.unpack(data, image_of(data)) is None
    for method in (2, 5, 8, 14, 15):
        data = packed(samples, method, b"\xaa" * 90, 100_000)
        with pytest.raises(Malformed):
            upx.unpack(data, image_of(data))
    for method in (8, 15):
        data = packed(samples, method, b"\xaa" * 90, 0xFFFFFFF0)
        with pytest.raises(LimitExceeded):
            upx.unpack(data, image_of(data))


def test_damage_is_refused_or_read(samples: Any) -> None:
    data = samples.clam("clam-upx.exe")
    image = image_of(data)
    for at in range(0x3E0, len(data), 5):
        try:
            upx.unpack(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :], image)
            upx.unpack(data[:at], image)
        except (Malformed, LimitExceeded):
            continue
