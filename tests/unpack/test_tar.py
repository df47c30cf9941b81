from __future__ import annotations

import gzip
import io
import tarfile
import time
from typing import Any

import pytest

from lazaretto.model import Kind, Severity
from lazaretto.unpack.tar import is_header


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=str)
def test_every_format_with_long_names(kit: Any, form: int) -> None:
    long = "folder/" * 12 + "a.txt" if form == tarfile.USTAR_FORMAT else "folder/" * 40 + "ä.txt"
    found = kit.exploded(kit.tar_of({long: kit.payload, "b": b"2" * 600, "empty": b""}, form))
    assert found.artifacts[1].names[0] == long
    assert [artifact.data for artifact in found.artifacts[1:]] == [kit.payload, b"2" * 600, b""]
    assert found.findings == []


def test_old_format_is_known_by_its_checksum(kit: Any) -> None:
    data = bytearray(kit.tar_of({"a": kit.payload}, tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 256 + sum(data[156:512]))
    found = kit.exploded(bytes(data))
    assert found.types["x"] == "application/x-tar"
    assert found.data["x!a"] == kit.payload


def test_compressed_tar_by_its_two_names(kit: Any) -> None:
    found = kit.exploded(gzip.compress(kit.tar_of({"a": kit.payload})), "docs.tgz")
    assert found.data["docs.tgz!docs.tar!a"] == kit.payload


def test_links_and_devices_are_noted_and_nothing_else(kit: Any) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"n{kind!r}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("../../after")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"ok"))
    found = kit.exploded(out.getvalue())
    assert list(found.data) == ["x", "x!../../after"]
    finding = found.finding("tar.links")
    assert finding.severity is Severity.INFORMATIONAL
    assert finding.evidence == ("4 links or devices, not followed",)


def test_sizes_that_disagree_are_walked_both_ways(kit: Any) -> None:
    inner = kit.tar_of({"evil.js": kit.payload}, tarfile.USTAR_FORMAT)[:1024]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("carrier")
        info.size, info.pax_headers = len(inner), {"comment": "0"}
        archive.addfile(info, io.BytesIO(inner))
    # the pax header says 1024, the ustar header 0: what stands inside is a member for some readers
    data = bytearray(out.getvalue())
    record = data.index(b"11 comment=0\n") if b"11 comment=0\n" in data else data.index(b"comment=0") - 3
    length = data.index(b"\n", record) - record + 1
    data[record : record + length] = b"%d size=1024\n" % 13 if length == 13 else data[record : record + length]
    header = data.index(b"carrier", record)
    while data[header + 156 : header + 157] != b"0":
        header = data.index(b"carrier", header + 1)
    data[header + 124 : header + 136] = b"00000000000\0"
    data[header + 148 : header + 156] = b"        "
    data[header + 148 : header + 156] = b"%06o\0 " % sum(data[header : header + 512])
    found = kit.exploded(bytes(data))
    assert found.data["x!carrier"] == inner
    assert found.data["x!evil.js"] == kit.payload
    assert found.finding("tar.size").kind is Kind.AMBIGUOUS


def test_archive_behind_the_end_is_read(kit: Any) -> None:
    found = kit.exploded(kit.tar_of({"a": b"1"}) + kit.tar_of({"evil.js": kit.payload}))
    assert found.data["x!evil.js"] == kit.payload


def test_truncated_at_many_places(kit: Any) -> None:
    whole = kit.tar_of({"a": kit.payload, "b": b"2" * 700}, tarfile.USTAR_FORMAT)[: 512 * 5]
    for cut in range(512, len(whole)):
        found = kit.exploded(whole[:cut])
        assert "unpack.crashed" not in found.names
        whole_blocks_or_only_padding_missing = 549 <= cut <= 1024 or cut >= 2236
        if not whole_blocks_or_only_padding_missing and cut > 512:
            assert found.findings, cut


def test_sparse_file_with_a_map_of_several_blocks(kit: Any) -> None:
    plain = kit.tar_of({"a": kit.payload, "b": b"2"}, tarfile.GNU_FORMAT)
    header = bytearray(plain[:512])
    header[156:157], header[482] = b"S", 1
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    maps = bytes(504) + b"\1" + bytes(7) + bytes(512)
    found = kit.exploded(bytes(header) + maps + plain[512:])
    assert found.data["x!a"] == kit.payload
    assert found.data["x!b"] == b"2"
    assert found.findings == []


def test_damaged_header_is_a_finding(kit: Any) -> None:
    data = bytearray(kit.tar_of({"a": b"1", "b": b"2"}, tarfile.USTAR_FORMAT))
    data[1024 + 10] ^= 0xFF
    found = kit.exploded(bytes(data))
    assert found.finding("unpack.malformed").kind is Kind.FAILED
    assert found.data["x!a"] == b"1"


def test_checksum_of_signed_bytes() -> None:
    block = bytearray(512)
    block[0:2] = "ä".encode()
    block[148:156] = b"        "
    signed = sum(byte - 256 if byte > 127 else byte for byte in block)
    block[148:156] = b"%06o\0 " % signed
    assert is_header(bytes(block))
    assert not is_header(bytes(512))


def test_what_stands_behind_the_end_is_an_artifact(kit: Any) -> None:
    found = kit.exploded(kit.tar_of({"a": b"x"}) + kit.payload * 30, "x.tar")
    assert found.data["x.tar!trailing-data"].startswith(kit.payload)
    assert found.findings == []


def test_a_million_headers_without_files(kit: Any) -> None:
    info = tarfile.TarInfo("a")
    info.type, info.linkname = tarfile.SYMTYPE, "b"
    started = time.monotonic()
    found = kit.exploded(info.tobuf(tarfile.USTAR_FORMAT) * 60_000)
    assert found.names == {"tar.links"}
    found = kit.exploded(tarfile.TarInfo("a").tobuf(tarfile.USTAR_FORMAT) * 60_000)
    assert found.names == {"limit.count"}
    assert time.monotonic() - started < 5


def test_a_global_header_longer_than_the_file_is_said(kit: Any) -> None:
    info = tarfile.TarInfo("g")
    info.type, info.size = tarfile.XGLTYPE, 1 << 30
    assert kit.exploded(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)).names == {"unpack.malformed"}


def test_headers_that_overlap_are_not_all_read(kit: Any) -> None:
    def header(name: bytes, size: int, kind: bytes) -> bytes:
        block = bytearray(name.ljust(124, b"\0") + b"%011o " % size + bytes(376))
        block[148:156], block[156:157], block[257:265] = b" " * 8, kind, b"ustar\x0000"
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block)

    # Each file leads two ways, by its own size and by that of its pax header: on, and to a header of 1 MiB.
    count = 1000
    pieces = [
        header(b"x", 9, b"x") + b"9 size=0\n".ljust(512, b"\0") + header(b"d", 512 * (3 * count - 2 * at - 3), b"5")
        for at in range(count)
    ]
    data = b"".join(pieces) + header(b"512 comment=", 1 << 20, b"x") * (count + 2048)
    assert "limit.headers" in kit.exploded(data).names
