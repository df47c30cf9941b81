"""Archives made to exhaust whoever opens them.

42.zip (unknown author, before 2000): 16 archives in 16 archives, five levels, 4.5 PB.  R. Cox, "Zip files all the
way down" (2010): an archive that contains itself.  D. Fifield, "A better zip bomb" (WOOT 2019): one kernel that
overlapping members share, 10 MB to 281 TB.  Each must end within seconds and megabytes, with a LIMIT finding
(the quine ends by itself), and must not hide what lies beside it.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest

from lazaretto import config, plugin
from lazaretto.config import Unpack
from lazaretto.model import Artifact, Finding, Kind
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

LIMITS = Unpack(depth=16, count=2000, member_bytes=16 * 2**20, total_bytes=64 * 2**20, ratio=1000, seconds=10)


def explode(data: bytes, limits: Unpack = LIMITS) -> tuple[list[Artifact], list[Finding]]:
    unpackers = plugin.build(config.load(None, {}), "unpack", plugin.Unpacker)  # type: ignore[type-abstract]
    started = time.perf_counter()
    things = list(tree.explode(data, ("bomb",), Budget(limits), unpackers))
    assert time.perf_counter() - started < 10
    artifacts = [thing for thing in things if isinstance(thing, Artifact)]
    findings = [thing for thing in things if isinstance(thing, Finding)]
    assert sum(len(artifact.data) for artifact in artifacts[1:]) <= limits.total_bytes
    assert not [finding for finding in findings if finding.name == "unpack.crashed"]
    return artifacts, findings


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def limits_of(findings: list[Finding]) -> set[str]:
    return {finding.name for finding in findings if finding.kind is Kind.LIMIT}


def test_forty_two() -> None:
    data = zipped([("0.dll", bytes(2**24))])
    for level in range(5):
        # not quite the same archives, or one of each would be opened
        data = zipped([(f"{level}{n}.zip", data + struct.pack("<I", n)) for n in range(16)])
    _, findings = explode(data)
    assert limits_of(findings) & {"limit.count", "limit.total_bytes", "limit.seconds"}


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: zipped([("a", data)])])
def test_zeros(pack: Callable[[bytes], bytes]) -> None:
    artifacts, findings = explode(pack(bytes(40 * 2**20)))
    assert limits_of(findings) & {"limit.member_bytes", "limit.ratio"}
    assert len(artifacts[1].data) <= LIMITS.member_bytes


def test_bomb_in_bomb_compresses_twice() -> None:
    _, findings = explode(bz2.compress(bz2.compress(bytes(200 * 2**20))))
    assert limits_of(findings)


def overlapping(members: int, kernel: bytes) -> bytes:
    """Every entry of the directory points at the same local header."""
    packed = zlib.compress(kernel, 9, -15)
    crc = zlib.crc32(kernel)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), len(kernel), 1, 0) + b"k" + packed
    directory = b"".join(
        struct.pack("<4sHHHHHHIII", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), len(kernel))
        + struct.pack("<HHHHHII", 5, 0, 0, 0, 0, 0, 0)
        + b"%05d" % number
        for number in range(members)
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, members, members, len(directory), len(local), 0)
    return local + directory + end


def test_overlapping_members() -> None:
    _, findings = explode(overlapping(5000, bytes(2**21)))
    assert limits_of(findings) & {"limit.total_bytes", "limit.ratio"}
    assert "zip.contradiction" in {finding.name for finding in findings}


def quoted(members: int, kernel: bytes) -> bytes:
    """Fifield's: each member's data begins with a stored block that quotes the next local header, and goes on with
    the next member's data, so that all share the kernel at the end."""
    packed = zlib.compress(kernel, 9, -15)
    body, built = packed, []
    for number in range(members):
        quote = struct.pack("<BHH", 0, 33, 33 ^ 0xFFFF) if number else b""  # 33: a local header and its name
        length = len(quote) + len(body)
        header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, length, len(kernel), 3, 0)
        body = header + b"%03d" % number + quote + body
        built.append((number, length, len(body)))
    directory = b"".join(
        struct.pack("<4sHHHHHHIII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, length, len(kernel))
        + struct.pack("<HHHHHII", 3, 0, 0, 0, 0, 0, len(body) - behind)
        + b"%03d" % number
        for number, length, behind in built
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, members, members, len(directory), len(body), 0)
    return body + directory + end


def test_quoted_overlap() -> None:
    artifacts, findings = explode(quoted(200, bytes(2**20)))
    assert limits_of(findings) & {"limit.total_bytes", "limit.ratio"}
    note = next(finding for finding in findings if finding.name == "zip.contradiction").evidence
    assert "199 members overlap others" in note
    assert artifacts[1].data.endswith(bytes(2**20))


def test_archive_that_contains_itself() -> None:
    """Cox's quine cannot be written down here in short; what matters is that the same bytes come again."""

    class Droste(plugin.Unpacker):
        name = "droste"
        types = frozenset({"text/plain"})

        def unpack(self, artifact: Artifact) -> list[plugin.Member]:  # type: ignore[override]
            return [plugin.Member(("r.zip",), [artifact.data])]

    things = list(tree.explode(b"itself", ("r.zip",), Budget(LIMITS), [Droste(config.Settings())]))
    assert [thing.path for thing in things if isinstance(thing, Artifact)] == ["r.zip", "r.zip!r.zip"]


def test_memory_stays_near_what_is_allowed() -> None:
    data = zipped([(f"{n}", bytes(30 * 2**20)) for n in range(10)])
    tracemalloc.start()
    try:
        explode(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * LIMITS.total_bytes
