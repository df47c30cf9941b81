"""Hostile shapes without harm, by minimal writers: payloads are texts, addresses end in .invalid."""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Mapping

from tests.unpack import officefiles

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
PAYLOAD = b"write a text file\r\n"
HARMLESS_PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 0, 0, 0, 0, 0, 2)


# ---------------------------------------------------------------------------- PDF


def pdf(
    catalog: bytes = b"", page: bytes = b"", objects: Mapping[int, bytes] | None = None, *, font: bool = True
) -> bytes:
    """One page; objects from 10 on are the caller's."""
    parts = {
        1: b"<</Type/Catalog/Pages 2 0 R " + catalog + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R " + page + b">>",
        5: stream(b"BT (hello) Tj ET"),
    }
    if font:
        parts[4] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in {**parts, **(objects or {})}.items())
    return b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d %b>>\nstream\n%b\nendstream" % (len(data), extra, data)


def packed(objects: Mapping[int, bytes]) -> bytes:
    table, body = b"", b""
    for number, source in objects.items():
        table += b"%d %d " % (number, len(body))
        body += source + b" "
    extra = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(table))
    return stream(zlib.compress(table + body), extra)


def attached(name: str, data: bytes, *, catalog: bytes = b"", objects: Mapping[int, bytes] | None = None) -> bytes:
    names = b"/Names<</EmbeddedFiles<</Names[(a)20 0 R]>>>>"
    files = {20: b"<</Type/Filespec/F(%b)/EF<</F 21 0 R>>>>" % name.encode(), 21: stream(data, b"/Type/EmbeddedFile")}
    return pdf(catalog + names, objects={**files, **(objects or {})})


def linked(*links: bytes, picture: bool = False, box: bytes = b"0 0 1 1") -> bytes:
    each = b"<</Subtype/Link/Rect[%b]/A<</S/URI/URI(%b)>>>>"
    annotations = b"/Annots[" + b"".join(each % (box, link) for link in links) + b"]"
    image = {30: stream(b"\xff\xd8\xff\xe0" + bytes(64), b"/Type/XObject/Subtype/Image/Filter/DCTDecode")}
    return pdf(page=annotations, objects=image if picture else None, font=not picture)


def scripted(script: bytes) -> bytes:
    return pdf(b"/OpenAction<</S/JavaScript/JS 10 0 R>>", objects={10: stream(script)})


# ---------------------------------------------------------------------------- RTF and OLE


def counted(data: bytes) -> bytes:
    return struct.pack("<I", len(data) + 1) + data + b"\0" if data else bytes(4)


def native(kind: bytes, data: bytes) -> bytes:
    head = struct.pack("<II", 0x501, 2) + counted(kind) + counted(b"") + counted(b"")
    return head + struct.pack("<I", len(data)) + data


def package(name: bytes, data: bytes = PAYLOAD) -> bytes:
    path = b"C:\\tmp\\" + name
    inner = b"\2\0" + name + b"\0" + path + b"\0\0\0\3\0" + counted(path) + struct.pack("<I", len(data)) + data
    return native(b"Package", inner)


def packaged(name: str, data: bytes = PAYLOAD) -> bytes:
    """A stream \\1Ole10Native."""
    return officefiles.ole10native(data, name, f"C:\\tmp\\{name}")


def linked_object(topic: bytes, kind: bytes = b"Word.Document.8") -> bytes:
    return struct.pack("<II", 0x501, 1) + counted(kind) + counted(topic) + counted(b"")


def rtf(octets: bytes = b"", words: bytes = b"\\objemb", head: bytes = b"{\\rtf1", *, between: bytes = b"") -> bytes:
    digits = octets.hex().encode()
    if between:
        digits = between.join(digits[at : at + 6] for at in range(0, len(digits), 6))
    return head + b"\\ansi Hello{\\object" + words + b"{\\*\\objdata " + digits + b"}}}"


def moniker(target: str, *, more: bytes = b"") -> bytes:
    """A stream \\1Ole with a URL moniker, and what else stands in it."""
    octets = target.encode("utf-16-le") + b"\0\0"
    url = uuid.UUID("79eac9e0-baf9-11ce-8c82-00aa004ba90b").bytes_le
    return struct.pack("<IIIII", 0x2000001, 1, 0, 0, 0) + more + url + struct.pack("<I", len(octets)) + octets


def clsid(text: str) -> bytes:
    return uuid.UUID(text).bytes_le


LINK, EQUATION = "00000300-0000-0000-c000-000000000046", "0002ce02-0000-0000-c000-000000000046"
SCRIPT = "06290bd3-48aa-11d2-8432-006008c3fbfc"
COMPOSITE = "00000309-0000-0000-c000-000000000046"
SHELL = "8856f961-340a-11d0-a96b-00c04fd705a2"


def ole(streams: Mapping[str, bytes], kind: str = "") -> bytes:
    return officefiles.ole(streams, kind)


def link_object(target: str, *, more: bytes = b"") -> bytes:
    return ole({"\x01Ole": moniker(target, more=more)}, LINK)


def equation(font: bytes = b"Times New Roman", head: int = 28) -> bytes:
    mtef = b"\3\1\1\3\x0a" + b"\x0a\x01" + b"\x08\x81\x00" + font + b"\0" + bytes(16)
    return struct.pack("<HIHIIIII", head, 0x20000, 0xC2, len(mtef), 0, 0, 0, 0) + mtef


def equation_object(font: bytes = b"Times New Roman", head: int = 28) -> bytes:
    return ole({"Equation Native": equation(font, head)}, EQUATION)


# ---------------------------------------------------------------------------- packages


def docx(files: Mapping[str, bytes | str] | None = None) -> bytes:
    return officefiles.docx(files)


def with_relations(*targets: tuple[str, str]) -> bytes:
    return docx({"word/_rels/document.xml.rels": officefiles.relations(*targets)})


def onenote(files: Mapping[str, bytes], text: str = "") -> bytes:
    from tests.unpack.onenote import conftest

    return conftest.section(dict(files), text)


# ---------------------------------------------------------------------------- images


def iso(files: Mapping[str, bytes]) -> bytes:
    """ISO 9660 (ECMA-119) with a root directory and Joliet's names left out."""
    sector, first = 2048, 20
    records, content, at = b"", b"", first
    for name, data in files.items():
        records += _record(name.upper().encode() + b";1", at, len(data))
        padded = data + bytes(-len(data) % sector or (0 if data else sector))
        content += padded
        at += len(padded) // sector
    dots = _record(b"\0", 19, sector, folder=True) + _record(b"\1", 19, sector, folder=True)
    root = (dots + records).ljust(sector, b"\0")
    total = at
    volume = b"\1CD001\1\0" + b" " * 64 + bytes(8) + _both(total) + bytes(32) + _both(1, 2) * 2 + _both(sector, 2)
    volume += (
        _both(10) + struct.pack("<II", 18, 0) + struct.pack(">II", 18, 0) + _record(b"\0", 19, sector, folder=True)
    )
    path_table = b"\1\0" + struct.pack("<IH", 19, 1) + b"\0\0"
    return (
        bytes(16 * sector)
        + volume.ljust(sector, b"\0")
        + (b"\xffCD001\1").ljust(sector, b"\0")
        + path_table.ljust(sector, b"\0")
        + root
        + content
    )


def _both(value: int, width: int = 4) -> bytes:
    return value.to_bytes(width, "little") + value.to_bytes(width, "big")


def _record(name: bytes, at: int, size: int, *, folder: bool = False) -> bytes:
    body = b"\0" + _both(at) + _both(size) + bytes([126, 1, 1, 0, 0, 0, 0, 2 if folder else 0, 0, 0]) + _both(1, 2)
    body += bytes([len(name)]) + name
    body += b"\0" * (len(body) % 2 == 0)
    return bytes([len(body) + 1]) + body


def lnk(arguments: str = "/c echo hello") -> bytes:
    """[MS-SHLLINK] with arguments and no target but a relative path."""
    head = b"\x4c\0\0\0" + clsid("00021401-0000-0000-c000-000000000046") + struct.pack("<I", 0x8 | 0x20 | 0x80)
    text = b"".join(
        struct.pack("<H", len(each)) + each.encode("utf-16-le") for each in ("..\\Windows\\cmd.exe", arguments)
    )
    return head.ljust(76, b"\0") + text + bytes(4)


def with_inner(relation: tuple[str, str], files: Mapping[str, bytes | str]) -> bytes:
    kind, target = relation
    row = f'<Relationship Id="r1" Type="{officefiles.KIND}{kind}" Target="{target}"/>'
    parts = f'<?xml version="1.0"?><Relationships xmlns="{officefiles.RELATIONS}">{row}</Relationships>'
    return docx({"word/_rels/document.xml.rels": parts, **files})
