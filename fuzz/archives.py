# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""Archives and disk images that native libraries read (7-Zip, libarchive, unarr), and old ones."""

from __future__ import annotations

import lzma
import struct
import zlib

from fuzz._tree import explode
from tests.unpack import rarmake


def _seven() -> bytes:
    """A 7z of one file, its header in the clear (7zFormat.txt)."""
    content, name = b"some text " * 20, b"\0" + "a.txt".encode("utf-16-le") + b"\0\0"
    packed = lzma.compress(content, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 1}])
    header = b"".join((
        *(b"\1\4\6\0\1\x09", bytes([len(packed)]), b"\0"),
        *(b"\7\x0b\1\0\1\x21\x21\1\x10\x0c", b"\x80\xc8", b"\x0a\1", struct.pack("<I", zlib.crc32(content)), b"\0\0"),
        *(b"\5\1\x11", bytes([len(name)]), name, b"\0\0"),
    ))  # fmt: skip
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def _xar() -> bytes:
    toc = b"<xar><toc><file><name>a</name><type>file</type><data><offset>0</offset><size>5</size><length>5</length>"
    toc += b"</data></file></toc></xar>"
    packed = zlib.compress(toc)
    return b"xar!" + struct.pack(">HHQQI", 28, 1, len(packed), len(toc), 0) + packed + b"hello"


def _disk() -> bytes:
    """A partition table and, in its partition, the head of a FAT file system."""
    fat = b"\xeb\x3c\x90mkfs.fat" + struct.pack("<HBHBHHBHHH", 512, 4, 1, 2, 512, 8, 0xF8, 1, 32, 2)
    entry = struct.pack("<B3xB3xII", 0x80, 6, 1, 8)
    return bytes(446) + entry + bytes(48) + b"\x55\xaa" + fat.ljust(510, b"\0") + b"\x55\xaa" + bytes(4096)


SEEDS = (
    _seven(),
    _xar(),
    _disk(),
    b"!<arch>\n" + b"a.txt/".ljust(16) + b"0".ljust(12) + b"0     0     100644  5         `\nhello\n",
    b"070707" + b"000000" * 8 + b"0" * 5 + b"000002" + b"00000000005" + b"a\0hello",
    b"\x19\0-lh0-" + struct.pack("<IIIBBB", 5, 5, 0, 0x20, 0, 1) + b"a\0\0hello\0",
    b"SZDD\x88\xf0\x27\x33A\0\5\0\0\0\xffhello",
    b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, 80, 0, 44, 0, 3, 1, 1, 1, 0, 0, 0) + bytes(36),
    *rarmake.samples(),
    # lz4: a skippable frame, one with a stored block, a legacy one; lzip; SZDD; KWAJ; ALZ; SIS's header
    b"\x50\x2a\x4d\x18\2\0\0\0ab\x04\x22\x4d\x18\x60\x40\x82\4\0\0\x80text\0\0\0\0\x02\x21\x4c\x18\6\0\0\0\x50hello",
    b"LZIP\1\x0c" + lzma.compress(b"text", lzma.FORMAT_ALONE)[13:] + bytes(20),
    b"SZDD\x88\xf0\x27\x33Am\x11\0\0\0\x0fabcd\xf0\xf5\0\2",
    b"KWAJ\x88\xf0\x27\xd1\2\0\x16\0\x09\0\x11\0\0\0a.t\0\x0fabcd\xf0\xf5\0\2",
    b"ALZ\1\n\0\0\0BLZ\1\1\0\x20\0\0\0\0\x10\0\0\0\0\0\0\0\4\4atextCLZ\1" + bytes(12) + b"CLZ\2",
    bytes(4) + b"\x12\x3a\0\x10\x19\4\0\x10" + bytes(6) + b"\1\0\1\0" + bytes(30) + b"\x44" + bytes(80),
)


def _mended(data: bytes) -> bytes:
    """A 7z whose checksums are right, so that what is damaged behind them is read."""
    if data[:6] != b"7z\xbc\xaf\x27\x1c" or len(data) < 32:
        return data
    offset, size = struct.unpack_from("<QQ", data, 12)
    start = data[12:28] + struct.pack("<I", zlib.crc32(data[32 + offset : 32 + offset + size]))
    return data[:8] + struct.pack("<I", zlib.crc32(start)) + start + data[32:]


def target(data: bytes) -> None:
    explode(_mended(data))
