# Invariant: any bytes give artifacts and findings within the limits; never an exception, never a finding that an
# unpacker crashed, never two artifacts of one path.
"""Every unpacker, through the tree."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
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


MAIL = (
    b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\n"
    b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + _zip(0) + b"\r\n--x--\r\n"
)
SEEDS = (
    *(_zip(method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
    _tar(),
    gzip.compress(b"text") + gzip.compress(_zip(0)) + b"tail",
    bz2.compress(b"text") * 2,
    lzma.compress(b"text"),
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


def target(data: bytes) -> None:
    things = list(tree.explode(data, ("x",), Budget(LIMITS), _unpackers()))
    artifacts = [thing for thing in things if isinstance(thing, Artifact)]
    findings = [thing for thing in things if isinstance(thing, Finding)]
    assert not [finding for finding in findings if finding.name == "unpack.crashed"], findings
    assert len(artifacts) <= LIMITS.count
    assert sum(len(artifact.data) for artifact in artifacts) <= LIMITS.total_bytes
    assert len({artifact.path for artifact in artifacts}) == len(artifacts)
