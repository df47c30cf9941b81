"""Symbian's installation files before version 9 (Alexander Thoukydides, "SIS File Format", version 1.18)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import SIS

_HEADER = 68
_RELEASE6 = b"\x12\x3a\x00\x10"
_PLAIN = 8  # option: files are not compressed
_SIMPLE, _LANGUAGES, _OPTIONS, _IF, _ELSE_IF, _ELSE, _END_IF = range(7)
_MOST_LANGUAGES, _LONGEST_NAME, _CHUNK = 256, 1024, 1 << 20


class Sis(Unpacker):
    """Every file in every language."""

    name: ClassVar[str] = "sis"
    types: ClassVar[frozenset[str]] = frozenset({SIS})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        if len(data) < _HEADER:
            raise Malformed("SIS header cut off")
        languages, files = struct.unpack_from("<HH", data, 18)
        options, at = struct.unpack_from("<H", data, 36)[0], struct.unpack_from("<I", data, 52)[0]
        release6 = data[4:8] == _RELEASE6
        if languages > _MOST_LANGUAGES:
            raise LimitExceeded("languages", f"SIS in {languages} languages")
        for _ in range(files):
            kind = _number(data, at)
            if kind not in (_SIMPLE, _LANGUAGES):
                at = _behind_condition(data, at, kind, languages)
                continue
            count = languages if kind == _LANGUAGES else 1
            names = tuple(
                name for where in (at + 20, at + 12) if (name := _name(data, where, unicode=bool(options & 1)))
            )
            sizes, starts = at + 28, at + 28 + 4 * count
            for number in range(count):
                size, start = _number(data, sizes + 4 * number), _number(data, starts + 4 * number)
                yield Member(names, _chunks(data, start, size, packed=release6 and not options & _PLAIN))
            at = starts + 4 * count + (4 * count + 8 if release6 else 0)


def _behind_condition(data: bytes, at: int, kind: int, languages: int) -> int:
    """Options have a list of names in each language; conditions an expression of so many bytes."""
    if kind == _OPTIONS:
        return at + 8 + 8 * _number(data, at + 4) * languages + 16
    if kind in (_IF, _ELSE_IF):
        return at + 8 + _number(data, at + 4)
    if kind in (_ELSE, _END_IF):
        return at + 4
    raise Malformed(f"SIS: a record of kind {kind} at offset {at}")


def _number(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise Malformed("SIS: cut off in the list of files")
    return int.from_bytes(data[at : at + 4], "little")


def _name(data: bytes, at: int, *, unicode: bool) -> str:
    length, start = _number(data, at), _number(data, at + 4)
    raw = data[start : start + min(length, _LONGEST_NAME)]
    return raw.decode("utf-16-le" if unicode else "latin-1", "replace").replace("\\", "/")


def _chunks(data: bytes, start: int, size: int, *, packed: bool) -> Iterator[bytes]:
    end = min(start + size, len(data))
    if packed:
        stream = inflate.Stream(lambda: inflate.Deflate(15), data, start, end)
        yield from stream.chunks()
        if not stream.complete:
            raise Malformed("SIS: compressed data ends early")
        return
    for at in range(start, end, _CHUNK):
        yield data[at : min(at + _CHUNK, end)]
    if start + size > len(data):
        raise Malformed("SIS: a file is cut off")
