"""ALZ, the archives of ALZip (no specification is public; as unalz and The Unarchiver read them)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import ALZ

_FILE, _DIRECTORY, _END, _COMMENT = b"BLZ\x01", b"CLZ\x01", b"CLZ\x02", b"ELZ\x01"
_FOLDER, _SECRET = 0x10, 1
_MOST = 100_000
_CHUNK = 1 << 20
_SHOWN = 16


@dataclass(frozen=True, slots=True)
class _Entry:
    names: tuple[str, ...]
    start: int
    packed: int
    size: int
    crc: int
    method: int
    secret: bool
    folder: bool


class Alz(Unpacker):
    """Stored, bzip2 and deflated members; locked ones are named."""

    name: ClassVar[str] = "alz"
    types: ClassVar[frozenset[str]] = frozenset({ALZ})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data, at = artifact.data, 8
        locked: list[str] = []
        closed: list[str] = []
        damaged: list[str] = []
        for _ in range(_MOST):
            if not data.startswith(_FILE, at):
                break
            entry = _entry(data, at)
            at = entry.start + entry.packed
            if entry.secret:
                locked.append(entry.names[0])
            elif entry.method > 2:
                closed.append(f"{entry.names[0]}: method {entry.method}")
            elif not entry.folder:
                yield Member(entry.names, _chunks(data, entry, damaged), size=entry.size)
        else:
            raise LimitExceeded("count", f"an archive of more than {_MOST} members")
        yield from _finding("unpack.encrypted", Kind.ENCRYPTED, locked)
        yield from _finding("alz.method", Kind.LIMIT, closed)
        yield from _finding("alz.checksum", Kind.AMBIGUOUS, damaged, Severity.LOW)
        yield from _end(data, at)


def _finding(name: str, kind: Kind, lines: list[str], severity: Severity = Severity.MEDIUM) -> Iterator[Finding]:
    if lines:
        yield Finding("unpack", name, kind, severity, evidence=tuple(lines[:_SHOWN]))


def _end(data: bytes, at: int) -> Iterator[Member | Finding]:
    """The directory (nobody needs it), the end record, and what follows; other volumes end without any."""
    end = data.find(_END, at)
    if not data.startswith((_DIRECTORY, _COMMENT), at) or end < 0:
        raise Malformed(f"ALZ: neither a member nor the directory at offset {at}")
    if data.startswith(_COMMENT, at) and data[at + 4 : end].strip(b"\0"):
        yield Member(("comment",), [data[at + 4 : end]])
    if data[end + 4 :].strip(b"\0"):
        yield Member(("trailing-data",), [data[end + 4 :]])


def _entry(data: bytes, at: int) -> _Entry:
    """The upper half of the descriptor tells how many bytes the sizes have; without any there is no data."""
    head = data[at + 4 : at + 13]
    if len(head) < 9:
        raise Malformed("ALZ: a header ends early")
    length, attributes, descriptor = int.from_bytes(head[:2], "little"), head[2], head[7]
    at, width = at + 13, descriptor >> 4
    method, crc, packed, size = 0, 0, 0, 0
    if width:
        if width not in (1, 2, 4, 8):
            raise Malformed(f"ALZ: sizes of {width} bytes")
        method, crc = data[at] if at < len(data) else 0, int.from_bytes(data[at + 2 : at + 6], "little")
        packed = int.from_bytes(data[at + 6 : at + 6 + width], "little")
        size = int.from_bytes(data[at + 6 + width : at + 6 + 2 * width], "little")
        at += 6 + 2 * width
    name, at = data[at : at + length], at + length + 12 * (descriptor & _SECRET)
    return _Entry(
        _names(name),
        at,
        packed,
        size,
        crc,
        method,
        bool(descriptor & _SECRET),
        bool(attributes & _FOLDER) and not packed,
    )


def _names(raw: bytes) -> tuple[str, ...]:
    """Korean Windows' code page; others as Latin-1."""
    found = [raw.decode("cp949", "replace")]
    if "\ufffd" in found[0]:
        found.append(raw.decode("latin-1"))
    return tuple(name.replace("\\", "/") for name in found)


def _chunks(data: bytes, entry: _Entry, damaged: list[str]) -> Iterator[bytes]:
    crc = 0
    for chunk in _raw(data, entry):
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if crc != entry.crc:
        damaged.append(f"{entry.names[0]}: wrong checksum")


def _raw(data: bytes, entry: _Entry) -> Iterator[bytes]:
    end = min(entry.start + entry.packed, len(data))
    if not entry.method:
        for at in range(entry.start, end, _CHUNK):
            yield data[at : min(at + _CHUNK, end)]
        if entry.start + entry.packed > len(data):
            raise Malformed("ALZ: a member is cut off")
        return
    stream = inflate.Stream(inflate.bzip2 if entry.method == 1 else inflate.Deflate, data, entry.start, end)
    yield from stream.chunks()
    if not stream.complete:
        raise Malformed("ALZ: compressed data ends early")
