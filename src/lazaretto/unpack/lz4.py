"""lz4 files: all frames, the legacy format of the kernel, skippable frames (lz4_Frame_format.md of lz4 1.9).

The frames are walked here, over the sizes of their blocks; what is in them is decompressed by liblz4 in libarchive,
which is a hundred times as fast as Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from lazaretto import config
from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate, libarchive
from lazaretto.unpack.signatures import LZ4

FRAME, LEGACY, SKIPPABLE = 0x184D2204, 0x184C2102, range(0x184D2A50, 0x184D2A60)
_LEGACY_BLOCK = (8 << 20) + (8 << 20) // 255 + 16  # bytes: LZ4_COMPRESSBOUND; what is more is the next frame's mark
_SIZED, _BLOCK_SUM, _CONTENT_SUM, _DICTIONARY = 8, 16, 4, 1  # of the flag byte
_FRAMES = 10_000
_CHUNK = 256 * 1024


class Lz4(Unpacker):
    """The content of all frames joined, as lz4 joins it, what is in skippable frames, and what stands behind."""

    name: ClassVar[str] = "lz4"
    types: ClassVar[frozenset[str]] = frozenset({LZ4})

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._library = libarchive.load()

    def describe(self) -> tuple[str, ...]:
        absent = f"libarchive: absent, lz4 is not decompressed: apt install {libarchive.PACKAGE}"
        return (self._library.version if self._library else absent,)

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        walk = _walk(data)
        for start, end in walk.skipped:
            if data[start:end].strip(b"\0"):
                yield Member((f"skippable-frame-{start}",), [data[start:end]])
        if self._library is None:
            evidence = (f"needs the package {libarchive.PACKAGE}",)
            yield Finding("unpack", "unpack.tool", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
        elif walk.frames:
            yield Member(inflate.stem(artifact.names), self._content(self._library, data, walk))
        if data[walk.stop :].strip(b"\0"):
            yield Member(("trailing-data",), [data[walk.stop :]])

    def _content(self, library: libarchive.Library, data: bytes, walk: _Walk) -> Iterator[bytes]:
        feed = (data[at : min(at + _CHUNK, end)] for start, end in walk.frames for at in range(start, end, _CHUNK))
        for chunks in library.stream("lz4", feed):
            yield from chunks
        if walk.damage:
            raise Malformed(walk.damage)


@dataclass(slots=True)
class _Walk:
    frames: list[tuple[int, int]] = field(default_factory=list)
    skipped: list[tuple[int, int]] = field(default_factory=list)
    stop: int = 0
    damage: str = ""


def _walk(data: bytes) -> _Walk:
    walk = _Walk()
    for _ in range(_FRAMES):
        at = walk.stop
        mark = int.from_bytes(data[at : at + 4], "little")
        if len(data) < at + 4:
            break
        if mark in SKIPPABLE:
            end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
            walk.skipped.append((at + 8, min(end, len(data))))
        elif mark == FRAME:
            end = _frame(data, at)
        elif mark == LEGACY:
            end = _legacy(data, at)
        else:
            break
        if mark not in SKIPPABLE:
            walk.frames.append((at, min(end, len(data))))
        walk.stop = min(end, len(data))
        if end > len(data):
            walk.damage = f"lz4 data ends early, in the frame at offset {at}"
            break
    else:
        walk.damage = f"more than {_FRAMES} lz4 frames"
    return walk


def _frame(data: bytes, at: int) -> int:
    """Offset behind the frame; more than there is when it is cut off."""
    flags = data[at + 4] if at + 4 < len(data) else 0
    at += 7 + 8 * bool(flags & _SIZED) + 4 * bool(flags & _DICTIONARY)
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        at += 4
        if not size:
            return at + 4 * bool(flags & _CONTENT_SUM)
        at += (size & 0x7FFFFFFF) + 4 * bool(flags & _BLOCK_SUM)
    return len(data) + 1


def _legacy(data: bytes, at: int) -> int:
    """A legacy frame ends with the file or where the next one begins."""
    at += 4
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        if not size or size > _LEGACY_BLOCK:
            return at
        at += 4 + size
    return at
