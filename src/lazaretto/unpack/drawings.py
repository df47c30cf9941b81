"""What the binary formats of Word, Excel and PowerPoint keep inside a stream: pictures ([MS-ODRAW]) and, in
PowerPoint, embedded objects and the macro project ([MS-PPT] 2.10.34)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.office import kinds, records
from lazaretto.office.compound import Compound
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate

_OBJECT = 0x1011  # [MS-PPT] 2.10.35: RT_ExternalOleObjectStg
_DRAWING, _CONTINUE = 0xEB, 0x3C  # [MS-XLS] 2.4.171, 2.4.58


class Drawings(Unpacker):
    """Objects as the files that they are, pictures unpacked."""

    name: ClassVar[str] = "drawings"
    types: ClassVar[frozenset[str]] = frozenset({kinds.WORD, kinds.EXCEL, kinds.POWERPOINT})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        file = Compound(artifact.data)
        if artifact.type == kinds.POWERPOINT:
            yield from _objects(_stream(file, "PowerPoint Document"))
            yield from _pictures(_stream(file, "Pictures"), [(0, None)])
        elif artifact.type == kinds.EXCEL:
            drawing = _drawing(_stream(file, "Workbook"))
            yield from _pictures(drawing, [(0, None)])
        else:
            data = _stream(file, "Data")
            yield from _pictures(data, _word_pictures(data))


def _stream(file: Compound, name: str) -> bytes:
    entry = file.find(name)
    return file.read(entry) if entry else b""


def _objects(data: bytes) -> Iterator[Member]:
    for each in records.records(data):
        if each.kind != _OBJECT:
            continue
        if each.instance & 1:  # the unpacked size, then zlib
            size = int.from_bytes(data[each.start : each.start + 4], "little")
            yield Member(("object.ole",), _inflated(data, each.start + 4, each.end, size), size=size)
        else:
            yield Member(("object.ole",), [data[each.start : each.end]])


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
    found, at, inside = bytearray(), 0, False
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        inside = kind == _DRAWING or (inside and kind == _CONTINUE)
        if inside:
            found += data[at + 4 : at + 4 + size]
        at += 4 + size
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
