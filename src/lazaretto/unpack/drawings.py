"""What the binary formats of Word, Excel and PowerPoint keep inside a stream: pictures ([MS-ODRAW]) and, in
PowerPoint, embedded objects and the macro project ([MS-PPT] 2.10.34)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.office import kinds, locked, records
from lazaretto.office.compound import Compound
from lazaretto.office.records import Record
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate

_OBJECT = 0x1011  # [MS-PPT] 2.10.35: RT_ExternalOleObjectStg
# What begins with zlib or is a compound file.
_HIDDEN = re.compile(rb"(?=[\s\S]{2}\x11\x10[\s\S]{4}(?:[\s\S]{4}\x78[\x01\x5e\x9c\xda]|\xd0\xcf\x11\xe0))")
_DRAWING, _CONTINUE = 0xEB, 0x3C  # [MS-XLS] 2.4.171, 2.4.58


class Drawings(Unpacker):
    """Objects as the files that they are, pictures unpacked."""

    name: ClassVar[str] = "drawings"
    types: ClassVar[frozenset[str]] = frozenset({kinds.WORD, kinds.EXCEL, kinds.POWERPOINT})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        file = Compound(artifact.data)
        # Each program looks for streams of its own, whatever others stand beside them.
        yield from _objects(_stream(file, "PowerPoint Document"))
        yield from _pictures(_stream(file, "Pictures"), [(0, None)])
        yield from _pictures(_drawing(_stream(file, "Workbook")), [(0, None)])
        data = _stream(file, "Data")
        yield from _pictures(data, _word_pictures(data))


def _stream(file: Compound, name: str) -> bytes:
    entry = file.find(name)
    return file.read(entry) if entry else b""


def _objects(data: bytes) -> Iterator[Member]:
    """In the order of the records, then those that these do not lead to: PowerPoint finds them by their offsets."""
    seen: set[int] = set()
    for each in records.records(data):
        if each.kind == _OBJECT:
            seen.add(each.start)
            yield _object(data, each)
    for found in _HIDDEN.finditer(data):
        if (start := found.start() + 8) not in seen:
            head, size = struct.unpack_from("<H2xI", data, found.start())
            yield _object(data, Record(_OBJECT, head >> 4, start, min(start + size, len(data))))


def _object(data: bytes, record: Record) -> Member:
    if not record.instance & 1:
        return Member(("object.ole",), [data[record.start : record.end]])
    size = int.from_bytes(data[record.start : record.start + 4], "little")  # then zlib
    return Member(("object.ole",), _inflated(data, record.start + 4, record.end, size), size=size)


def _inflated(data: bytes, start: int, end: int, size: int | None = None) -> Iterator[bytes]:
    """PowerPoint leaves the checksum out at times: what has its ``size`` is whole."""
    stream, found = inflate.Stream(lambda: inflate.Deflate(15), data, start, end), 0
    for chunk in stream.chunks():
        found += len(chunk)
        yield chunk
    if not stream.complete and found != size:
        raise Malformed("packed data ends early")


def _pictures(data: bytes, spans: Iterator[tuple[int, int | None]] | list[tuple[int, int | None]]) -> Iterator[Member]:
    for start, end in spans:
        for each in records.pictures(data, start, end):
            chunks = _inflated(each.data, 0, len(each.data)) if each.packed else iter([each.data])
            yield Member((f"picture.{each.extension}",), chunks)


def _drawing(data: bytes) -> bytes:
    """The drawing of a workbook, cut into records of at most 8224 bytes."""
    found, inside = bytearray(), False
    for kind, at, size in locked.records_of(data):
        inside = kind == _DRAWING or (inside and kind == _CONTINUE)
        if inside:
            found += data[at : at + size]
    return bytes(found)


def _word_pictures(data: bytes) -> Iterator[tuple[int, int | None]]:
    """[MS-DOC] 2.9.192: each picture in "Data" has its length, the length of its head, and may have a name."""
    at = 0
    while at + 68 <= len(data):
        size, head, mapping = struct.unpack_from("<IHH", data, at)
        if size <= head or head < 68:
            at += 4  # other things lie between pictures, padded to four
            continue
        start = at + head
        if mapping == 0x66:  # MM_SHAPEFILE: a name with its length stands first
            start += 1 + data[start] if start < len(data) else 0
        yield start, at + size
        at += size
