"""gzip (RFC 1952): every member, and whatever stands behind the last."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import GZIP

SEPARATE = 64  # members that are also read one by one
_HIDDEN = 32  # bytes of an extra field; bgzip and dictzip of small files need less

_HCRC, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16  # RFC 1952 section 2.3.1


class Gzip(Unpacker):
    """Readers disagree about a file of several members: most join them, some show only the first.  The joined
    content comes first, then each member alone."""

    name: ClassVar[str] = "gzip"
    types: ClassVar[frozenset[str]] = frozenset({GZIP})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        walk = _Walk(data)
        names = (*((walk.name,) if walk.name else ()), *inflate.stem(artifact.names))
        yield Member(names, walk.chunks())
        yield from (Member((what,), [piece]) for what, piece in walk.fields)
        if len(walk.starts) > 1:
            yield from (Member((f"member-{n + 1}",), _one(data, at)) for n, at in enumerate(walk.starts[:SEPARATE]))
        if len(walk.starts) > SEPARATE:
            evidence = f"{len(walk.starts)} members, only the first {SEPARATE} also read alone"
            yield Finding("unpack", "gzip.members", Kind.AMBIGUOUS, Severity.INFORMATIONAL, evidence=(evidence,))
        if data[walk.stop :].strip(b"\0"):
            yield Member(("trailing-data",), [data[walk.stop :]])
        if walk.damage:
            yield Finding("unpack", "gzip.checksum", Kind.AMBIGUOUS, Severity.LOW, evidence=(walk.damage,))


class _Walk:
    """Reads member after member while its chunks are read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.starts = [0]
        self.fields: list[tuple[str, bytes]] = []  # of all headers, that may hold something
        self.stop = 0
        self.damage = ""
        try:
            self.name = _header(data, 0)[1]
        except Malformed:
            self.name = ""

    def chunks(self) -> Iterator[bytes]:
        data, at = self._data, 0
        while True:
            body, _ = _header(data, at)
            if data[at + 3] & (_EXTRA | _COMMENT) and len(self.fields) < SEPARATE:
                self.fields += _fields(data, at)
            stream = inflate.Stream(inflate.Deflate, data, body)
            checksum, size = 0, 0
            for chunk in stream.chunks():
                checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
                yield chunk
            if not stream.complete:
                self.stop = len(data)
                raise Malformed(f"gzip data ends early, in the member at offset {at}")
            trailer = data[stream.stop : stream.stop + 8]
            if trailer != checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"):
                self.damage = self.damage or f"wrong checksum or size of the member at offset {at}"
            self.stop = min(stream.stop + 8, len(data))
            at = self.stop + inflate.padding(data, self.stop)
            if data[at : at + 3] != b"\x1f\x8b\x08":
                return
            self.starts.append(at)


def _one(data: bytes, at: int) -> Iterator[bytes]:
    return inflate.Stream(inflate.Deflate, data, _header(data, at)[0]).chunks()


def _fields(data: bytes, at: int) -> Iterator[tuple[str, bytes]]:
    """Extra field and comment of a sound header, when they are longer than those of known writers."""
    flags, at = data[at + 3], at + 10
    if flags & _EXTRA:
        length = int.from_bytes(data[at : at + 2], "little")
        if length >= _HIDDEN:
            yield "extra-field", data[at + 2 : at + 2 + length]
        at += 2 + length
    at = data.find(b"\0", at) + 1 if flags & _NAME else at
    if flags & _COMMENT and (comment := data[at : data.find(b"\0", at)]):
        yield "comment", comment


def _header(data: bytes, at: int) -> tuple[int, str]:
    """Offset of the compressed data, and the name (section 2.3: Latin-1).  Raises Malformed."""
    if len(data) < at + 10 or data[at + 2] != 8:
        raise Malformed("gzip header cut off" if len(data) < at + 10 else "gzip with an unknown method")
    flags, at, name = data[at + 3], at + 10, ""
    if flags & _EXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            end = data.find(b"\0", at)
            if end < 0:
                raise Malformed("gzip header cut off")
            if flag == _NAME:
                name = data[at:end].decode("latin-1")
            at = end + 1
    return at + (2 if flags & _HCRC else 0), name
