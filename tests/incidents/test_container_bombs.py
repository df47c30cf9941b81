"""Containers made to exhaust whoever opens them: flat, nested, endless, many, and those that expand in words.

Each ends within five seconds of processor time and 512 MB beside the bytes themselves, with a LIMIT finding.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.incidents.costs import TOP, cost

from lazaretto.model import Kind

SECONDS, SLACK = 5.0, 1.5  # of processor time on an idle machine of 2026; what a busy one may take more
MEMORY = 512_000_000
HEAD = TOP + b'Content-Type: application/octet-stream; name="x"\nContent-Transfer-Encoding: binary\n\n'
ZEROS = 200_000_000


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def flat_zip(count: int) -> bytes:
    """Many members of 200 MB of zeros, packed once."""
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(bytes(ZEROS)) + packer.flush()
    sizes = struct.pack("<III", zlib.crc32(bytes(ZEROS)), len(packed), ZEROS)
    local, directory = b"", b""
    for number in range(count):
        name = b"%02d" % number
        middle = struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0)
        directory += b"PK\1\2\x14\0" + middle + struct.pack("<HHHII", 0, 0, 0, 0, len(local)) + name
        local += b"PK\3\4" + middle + name + packed
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(local), 0)
    return local + directory + b"PK\5\6" + end


def nested_zip(levels: int) -> bytes:
    data = bytes(10_000_000)
    for _ in range(levels):
        data = zip_of({f"{number}.zip": data for number in range(10)})
    return data


def many(count: int) -> bytes:
    return tarfile.TarInfo("a").tobuf() * count + bytes(1024)


def many_zip(count: int) -> bytes:
    return zip_of({str(number): b"" for number in range(count)})


def slow_gzip() -> bytes:
    """A ratio that no limit minds, in data that is a text to whoever looks for the beginning of one."""
    return gzip.compress(b"".join(bytes([number % 251]) * 90 + number.to_bytes(3) for number in range(2_000_000)))


def laughs(head: bytes, tail: bytes) -> bytes:
    """Entities that expand to ten times the one before: "billion laughs"."""
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(12))
    return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + entities + b"]>" + head + b"&m;" + tail


def laughing_docx() -> bytes:
    document = laughs(b'<w:document xmlns:w="x"><w:body>', b"</w:body></w:document>")
    return zip_of({"[Content_Types].xml": laughs(b"<Types>", b"</Types>"), "word/document.xml": document})


def packed_programs(count: int) -> bytes:
    """Each says that it is packed, and runs for ever."""
    optional = struct.pack("<HBBIIIII", 0x10B, 0, 0, 0, 0, 0, 0x1000, 0x1000)
    optional += struct.pack("<IIII", 0, 0x400000, 0x1000, 512) + bytes(16) + struct.pack("<II", 0x2000, 512)
    optional = (optional + bytes(28) + struct.pack("<I", 16)).ljust(224, b"\0")
    section = struct.pack("<8sIIII12xI", b".aspack", 0x1000, 0x1000, 512, 512, 0xE0000020)
    header = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x14C, 1, 0, 0, 0, 224, 0x102) + optional + section
    program = ((b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)) + header).ljust(512, b"\0") + b"\x40\xeb\xfd"
    return zip_of({f"{number}.exe": (program + b"%d" % number).ljust(1024, b"\0") for number in range(count)})


def seven_zip(*options: str, count: int = 4) -> bytes:
    """Made by the real program, of zeros."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            Path(folder, f"{number}").write_bytes(bytes(ZEROS))
        command = ["7z", "a", "-bd", "-mx=1", *options, "x.7z", *(str(number) for number in range(count))]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return Path(folder, "x.7z").read_bytes()


# Each with the limits that may end it.
BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "flat zip": (lambda: flat_zip(20), {"total_bytes"}),
    "nested zip": (lambda: nested_zip(5), {"ratio", "count", "total_bytes"}),
    "deep zip": (lambda: zip_of({"x": b"x"}), {"depth"}),
    "gzip of gzip": (lambda: gzip.compress(gzip.compress(bytes(1_000_000_000), 1)), {"member_bytes", "ratio"}),
    "gzip": (lambda: gzip.compress(bytes(1_000_000_000), 1), {"member_bytes"}),
    "bzip2": (lambda: bz2.compress(bytes(ZEROS * 2)), {"ratio"}),
    "xz": (lambda: lzma.compress(bytes(ZEROS), preset=0), {"ratio", "member_bytes"}),
    "gzip of a low ratio": (slow_gzip, {"member_bytes"}),
    "a million members of tar": (lambda: gzip.compress(many(1_000_000), 1), {"member_bytes", "count"}),
    "packed programs": (lambda: packed_programs(100), {"program_seconds"}),
    "members of zip": (lambda: many_zip(100_000), {"count"}),
    "7z, solid": (lambda: seven_zip("-ms=on"), {"member_bytes", "total_bytes", "ratio"}),
    "7z, each by itself": (lambda: seven_zip("-ms=off"), {"member_bytes", "total_bytes", "ratio"}),
}


def limits(data: bytes) -> set[str]:
    seconds, memory, names, failed = cost(HEAD + data)
    assert not failed
    assert seconds < SECONDS * SLACK
    assert memory < MEMORY
    return {name.removeprefix("limit.") for name, kind in names.items() if kind == Kind.LIMIT}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_soon_and_says_so(name: str) -> None:
    make, expected = BOMBS[name]
    data = make()
    if name == "deep zip":
        for _ in range(40):
            data = zip_of({"x.zip": data})
    assert limits(data) & expected


@pytest.mark.parametrize(
    "data",
    [
        laughs(b'<svg xmlns="http://www.w3.org/2000/svg">', b"</svg>"),
        laughs(b"<html>", b"</html>"),
        laughing_docx(),
    ],
    ids=["svg", "xhtml", "docx"],
)
def test_entities_are_not_expanded(data: bytes) -> None:
    seconds, memory, _, failed = cost(HEAD + data)
    assert not failed
    assert seconds < 1
    assert memory < 50_000_000


def pdf(*objects: bytes) -> bytes:
    """With a table of its objects, the first of which is the root."""
    out, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, each in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    head = b"xref\n0 %d\n" % (len(objects) + 1)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + head + table + end


def pdf_streams_in_one_another(count: int) -> bytes:
    """Each object's stream goes to the end of the last: every length is right."""
    head, body = b"%06d 0 obj<</Length %010d>>stream\n", b"x" * 20_000_000
    width, out, table = len(head % (1, 1)), b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number in range(count):
        table += b"%010d 00000 n \n" % (len(out) + width * number)
    out += b"".join(head % (number + 1, width * (count - number - 1) + len(body)) for number in range(count))
    out += body + b"\nendstream\nendobj\n"
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count + 1, len(out))
    return out + b"xref\n0 %d\n" % (count + 1) + table + end


def pdf_of_numbers() -> bytes:
    """A stream of objects, which unpacks to an array of millions of numbers."""
    packed = zlib.compress(b"5 0 [" + b"1 " * 30_000_000 + b"]")
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")
    out, places = b"%PDF-1.7\n", [(0, 0, 65535)]
    packing = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed)
    for number, each in enumerate((*objects, packing), 1):
        places.append((1, len(out), 0))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    places += [(1, len(out), 0), (2, 3, 0)]
    rows = b"".join(struct.pack(">BIH", *place) for place in places)
    table = b"<</Type/XRef/W[1 4 2]/Size 6/Root 1 0 R/Length %d>>stream\n%b\nendstream" % (len(rows), rows)
    return out + b"4 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(out))


def pdf_chain() -> bytes:
    data = zlib.compress(bytes(250_000_000), 9)
    for _ in range(24):
        data = zlib.compress(data, 0)
    stream = b"<</Length %d/Filter[%b]>>stream\n%b\nendstream" % (len(data), b"/Fl" * 25, data)
    return pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", *[stream] * 20)


def rtf(piece: bytes) -> bytes:
    return b"{\\rtf1{\\*\\objdata " + piece * (20_000_000 // len(piece))


# Those of documents, which may end by a limit of their own or in nothing at all.
DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "streams in one another": lambda: pdf_streams_in_one_another(2_000),
    "numbers in a stream of objects": pdf_of_numbers,
    "a chain of filters": pdf_chain,
    "strings in one another": lambda: b"%PDF-1.7\n" + b"1 0 obj(a\n" * 2_000_000,
    "revisions": lambda: b"%PDF-1.7\n" + b"%%EOF\n" * 4_000_000,
    "objects without an end": lambda: b"%PDF-1.7\n1 0 obj /JS " + b"[" * 20_000_000,
    "groups": lambda: rtf(b"{}"),
    "objects in one another": lambda: rtf(b"{\\*\\objdata 01"),
    "attributes": lambda: b"<?xml version='1.0'?><Relationships><Relationship " + b'a="b" ' * 4_000_000 + b"/>",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_costs_no_more(name: str) -> None:
    seconds, memory, _, failed = cost(HEAD + DOCUMENTS[name]())
    assert not failed
    assert seconds < SECONDS * SLACK
    assert memory < MEMORY
