# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""Every unpacker, through the tree."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from functools import cache

from tests.unpack import rarmake

from lazaretto import config, plugin
from lazaretto.model import Artifact, Finding
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

LIMITS = config.Unpack(depth=5, count=60, member_bytes=100_000, total_bytes=300_000, ratio=1000, seconds=2)


def _zip(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("a.txt", b"some text " * 9)
        archive.writestr("b/c.bin", bytes(300))
    return out.getvalue()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("long/" * 30 + "ä")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
    return out.getvalue()[:4096]


def _macbinary() -> bytes:
    head = (b"\0\5a.zip".ljust(83, b"\0") + b"\0\0\0\5\0\0\0\3".ljust(16, b"\0") + b"\0\4").ljust(
        122, b"\0"
    ) + b"\x82\x81"
    head += binascii.crc_hqx(head, 0).to_bytes(2, "big") + b"\0\0"
    return head + b"".join(fork.ljust(128, b"\0") for fork in (b"hello", b"abc", b"note")) + b"more"


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


def _program() -> bytes:
    """A packed program, as far as its header says, that jumps to what it has just written, with a zip behind it."""
    code = bytes.fromhex("be00204000b920000000803655 46e2fa e9 ec0f0000".replace(" ", ""))
    header = struct.pack("<4sHHIIIHHHBBIIIIIIIII", b"PE\0\0", 0x14C, 2, 0, 0, 0, 224, 0x102, 0x10B, 0, 0, 0, 0, 0,
                         0x1000, 0, 0, 0x400000, 0x1000, 512)  # fmt: skip
    header += struct.pack("<HHHHHHIIIIHH", 4, 0, 0, 0, 4, 0, 0, 0x3000, 0x200, 0, 3, 0) + bytes(16)
    header += struct.pack("<II", 0, 16) + bytes(128)
    rows = struct.pack("<8sIIII12xI", b".aspack", 512, 0x1000, 512, 0x200, 0xE0000020)
    rows += struct.pack("<8sIIII12xI", b"UPX0", 512, 0x2000, 512, 0x400, 0xE0000020)
    head = (b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + header + rows).ljust(0x200, b"\0")
    return head + code.ljust(512, b"\0") + b"\xc3UPX!".ljust(512, b"\x55") + _zip(0)


MAIL = (
    b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\n"
    b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + _zip(0) + b"\r\n--x--\r\n"
)
PDF = (
    b"%%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<</Names[(k)3 0 R]>>>>"
    b"/AcroForm<</XFA[(a)5 0 R]>>>>endobj 3 0 obj<</F(a.txt)/UF<feff0061>/EF<</F 4 0 R>>>>endobj\n"
    b"4 0 obj<</Length 6 0 R/Filter[/AHx/Fl]/DecodeParms[null<</Predictor 12/Columns 2>>]>>stream\n"
    b"%b>\nendstream endobj\n"
    b"5 0 obj<</Filter/LZW/Length 9>>stream\n%b\nendstream endobj 6 0 obj 99 endobj\n"
    b"7 0 obj<</Type/ObjStm/N 1/First 4/Length 40/Filter/A85>>stream\n%b~>\nendstream endobj\n"
    b"8 0 obj<</S/Launch/Win<</F(cmd.exe)/P(/c x)>>/S2<</S/URI/URI(http://a/)>>>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%%%EOF\ntail"
) % (
    zlib.compress(b"\2ab\2\1\1").hex().encode(),
    bytes.fromhex("800b6050220c0c8501"),
    base64.a85encode(b"9 0 <</JS(x)>>"),
)
ONENOTE = (
    bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(32) + bytes.fromhex("3fdd9a101b91f549a5d01791edc8aed8")
    + bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac 0800000000000000") + bytes(12) + b"embedded"
    + bytes.fromhex("22a7fb71790f0b4abb13899256426b24 c4f4f7f5b17a56a4") + bytes(8)
    + bytes.fromhex("9480001040000000000000000000000000000000000000000000000000000000")
)  # fmt: skip
PACKAGED = (
    ONENOTE[:48] + bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7 00000000 a800 1200 1200") + b"\x11embedded" + b"\5"
)
LNK = (
    bytes.fromhex("4c000000 0114020000000000c000000000000046 f3000000") + bytes(52) + b"\x19\0\x17\0\x2fC:\\"
    + bytes(19) + b"\x1c\0\0\0\x1c\0\0\0\3\0\0\0" + bytes(16) + b"\2\0a\0b\0\4\0/\0c\0 \0x\0\1\0i\0" + bytes(4)
    + b"appended"
)  # fmt: skip
SWF = zlib.compress(bytes([8, 0, 0, 0, 1, 1]) + b"\xcf\x15\1\0\0\0\0\0embedded\0\0")
OBJECT = b"0105000002000000080000005061636b61676500000000000000000004000000aabbccdd"
DOCUMENTS = (
    PDF,
    ONENOTE,
    PACKAGED,
    LNK,
    b"CWS\x0a\xff\0\0\0" + SWF,
    b"FWS\x0a\xff\0\0\0" + zlib.decompress(SWF),
    b"{\\rtf1{\\object\\objupdate{\\*\\objdata12 " + OBJECT + b"{\\*\\objdata 01}}}{\\pict 89504e\\bin3 abc}}",
    b'<script language="VBScript.Encode">#@~^BgAAAA==\\ko$K6AAAAAA==^#~@</script>',
    b'<?xml version="1.0"?><libraryDescription><url>\\\\h\\s</url></libraryDescription>',
)
SEEDS = (
    *DOCUMENTS,
    *(_zip(method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
    _tar(),
    _program(),
    b"\x7fELF\x02\x01\x01".ljust(64, b"\0") + b"behind",
    b"ISc(" + struct.pack("<IIII", 0x01005006, 0, 20, 90) + bytes(120),
    gzip.compress(b"text") + gzip.compress(_zip(0)) + b"tail",
    bz2.compress(b"text") * 2,
    lzma.compress(b"text"),
    _macbinary(),
    _seven(),
    _xar(),
    _disk(),
    b"!<arch>\n" + b"a.txt/".ljust(16) + b"0".ljust(12) + b"0     0     100644  5         `\nhello\n",
    b"070707" + b"000000" * 8 + b"0" * 5 + b"000002" + b"00000000005" + b"a\0hello",
    b"\x19\0-lh0-" + struct.pack("<IIIBBB", 5, 5, 0, 0x20, 0, 1) + b"a\0\0hello\0",
    b"SZDD\x88\xf0\x27\x33A\0\5\0\0\0\xffhello",
    b"MSCF" + struct.pack("<IIIIIBBHHHHH", 0, 80, 0, 44, 0, 3, 1, 1, 1, 0, 0, 0) + bytes(36),
    MAIL,
    b"From a@b Mon Jan  1 00:00:00 2026\n" + MAIL,
    *rarmake.samples(),
    # lz4: a skippable frame, one with a stored block, a legacy one; lzip; SZDD; KWAJ; ALZ; SIS's header
    b"\x50\x2a\x4d\x18\2\0\0\0ab\x04\x22\x4d\x18\x60\x40\x82\4\0\0\x80text\0\0\0\0\x02\x21\x4c\x18\6\0\0\0\x50hello",
    b"LZIP\1\x0c" + lzma.compress(b"text", lzma.FORMAT_ALONE)[13:] + bytes(20),
    b"SZDD\x88\xf0\x27\x33Am\x11\0\0\0\x0fabcd\xf0\xf5\0\2",
    b"KWAJ\x88\xf0\x27\xd1\2\0\x16\0\x09\0\x11\0\0\0a.t\0\x0fabcd\xf0\xf5\0\2",
    b"ALZ\1\n\0\0\0BLZ\1\1\0\x20\0\0\0\0\x10\0\0\0\0\0\0\0\4\4atextCLZ\1" + bytes(12) + b"CLZ\2",
    bytes(4) + b"\x12\x3a\0\x10\x19\4\0\x10" + bytes(6) + b"\1\0\1\0" + bytes(30) + b"\x44" + bytes(80),
)


@cache
def _unpackers() -> list[plugin.Unpacker]:
    return plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]  # found


def _mended(data: bytes) -> bytes:
    """A 7z whose checksums are right, so that what is damaged behind them is read."""
    if data[:6] != b"7z\xbc\xaf\x27\x1c" or len(data) < 32:
        return data
    offset, size = struct.unpack_from("<QQ", data, 12)
    start = data[12:28] + struct.pack("<I", zlib.crc32(data[32 + offset : 32 + offset + size]))
    return data[:8] + struct.pack("<I", zlib.crc32(start)) + start + data[32:]


def target(data: bytes) -> None:
    data = _mended(data)
    things = list(tree.explode(data, ("x",), Budget(LIMITS), _unpackers()))
    artifacts = [thing for thing in things if isinstance(thing, Artifact)]
    findings = [thing for thing in things if isinstance(thing, Finding)]
    assert not [finding for finding in findings if finding.name == "unpack.crashed"], findings
    assert len(artifacts) <= LIMITS.count
    assert sum(len(artifact.data) for artifact in artifacts) <= LIMITS.total_bytes
    assert len({artifact.path for artifact in artifacts}) == len(artifacts)
