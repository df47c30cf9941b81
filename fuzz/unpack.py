# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""Every unpacker, through the tree."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from functools import cache

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
SEEDS = (
    *(_zip(method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
    _tar(),
    _program(),
    b"\x7fELF\x02\x01\x01".ljust(64, b"\0") + b"behind",
    b"ISc(" + struct.pack("<IIII", 0x01005006, 0, 20, 90) + bytes(120),
    gzip.compress(b"text") + gzip.compress(_zip(0)) + b"tail",
    bz2.compress(b"text") * 2,
    lzma.compress(b"text"),
    MAIL,
    b"From a@b Mon Jan  1 00:00:00 2026\n" + MAIL,
)


@cache
def _unpackers() -> list[plugin.Unpacker]:
    return plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]  # found


def target(data: bytes) -> None:
    things = list(tree.explode(data, ("x",), Budget(LIMITS), _unpackers()))
    artifacts = [thing for thing in things if isinstance(thing, Artifact)]
    findings = [thing for thing in things if isinstance(thing, Finding)]
    assert not [finding for finding in findings if finding.name == "unpack.crashed"], findings
    assert len(artifacts) <= LIMITS.count
    assert sum(len(artifact.data) for artifact in artifacts) <= LIMITS.total_bytes
    assert len({artifact.path for artifact in artifacts}) == len(artifacts)
