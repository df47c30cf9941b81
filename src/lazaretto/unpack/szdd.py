"""SZDD and KWAJ, Microsoft's COMPRESS.EXE (Stuart Caie, "COMPRESS.EXE file formats: SZDD and KWAJ", libmspack)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import KWAJ, SZDD

_CHUNK = 64 * 1024
_WINDOW = 4096
_LENGTH, _UNKNOWN, _SKIPPED, _NAME, _EXTENSION, _TEXT = 1, 2, 4, 8, 16, 32  # flags of KWAJ
_INVERT = bytes(byte ^ 0xFF for byte in range(256))
_STORED, _INVERTED, _LZSS, _MSZIP = 0, 1, 2, 4  # methods of KWAJ; 3 has codes of its own


class Szdd(Unpacker):
    """One file; KWAJ may have a text as well."""

    name: ClassVar[str] = "szdd"
    types: ClassVar[frozenset[str]] = frozenset({SZDD, KWAJ})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return _kwaj(artifact) if artifact.data.startswith(b"KWAJ") else _szdd(artifact)


def _szdd(artifact: Artifact) -> Iterator[Member | Finding]:
    data = artifact.data
    if len(data) < 14:
        raise Malformed("SZDD header cut off")
    basic = data.startswith(b"SZ\x20")  # QBasic's
    start, position = (12, _WINDOW - 18) if basic else (14, _WINDOW - 16)
    size = int.from_bytes(data[start - 4 : start], "little")
    last = "" if basic or not data[9] else chr(data[9])
    yield Member(_named(artifact, last), _sized(_lzss(data, start, position), size), size=size)


def _kwaj(artifact: Artifact) -> Iterator[Member | Finding]:
    data = artifact.data
    if len(data) < 14:
        raise Malformed("KWAJ header cut off")
    method, start, flags = (int.from_bytes(data[at : at + 2], "little") for at in (8, 10, 12))
    names, text, size = _optional(data, flags)
    names = names or _named(artifact, "")
    if text:
        yield Member(("text",), [text])
    if method in (_STORED, _INVERTED):
        chunks = _plain(data, start, inverted=method == _INVERTED)
    elif method == _LZSS:
        chunks = _lzss(data, start, _WINDOW - 16)
    elif method == _MSZIP:
        chunks = _mszip(data, start)
    else:
        evidence = (f"nothing here unpacks method {method}",)
        yield Finding("unpack", "kwaj.method", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
        return
    yield Member(names, chunks if size is None else _sized(chunks, size), size=size)


def _optional(data: bytes, flags: int) -> tuple[tuple[str, ...], bytes, int | None]:
    """Name, text and size, of which any may be absent; what is cut off counts as absent."""
    at, size, name, text = 14, None, b"", b""
    if flags & _LENGTH:
        size, at = int.from_bytes(data[at : at + 4], "little"), at + 4
    at += 2 * bool(flags & _UNKNOWN)
    if flags & _SKIPPED:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag, dot, longest in ((_NAME, b"", 9), (_EXTENSION, b".", 4)):
        if flags & flag:
            piece = data[at : at + longest].split(b"\0")[0]
            name, at = name + dot + piece, at + min(len(piece) + 1, longest)
    if flags & _TEXT:
        text = data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2], "little")]
    return ((name.decode("cp437"),) if name else ()), text, size


def _named(artifact: Artifact, last: str) -> tuple[str, ...]:
    """COMPRESS.EXE puts an underscore in the place of the last letter and remembers the letter."""
    name = artifact.name
    return (name[:-1] + last,) if name.endswith(("_", "$")) else (name + ".unpacked",) if name else ()


def _plain(data: bytes, start: int, *, inverted: bool) -> Iterator[bytes]:
    for at in range(start, len(data), _CHUNK):
        piece = data[at : at + _CHUNK]
        yield piece.translate(_INVERT) if inverted else piece


def _lzss(data: bytes, at: int, position: int) -> Iterator[bytes]:
    """Groups of eight, told by the bits of a byte: a byte, or place (12 bits) and length (4 bits) of a match in a ring
    of 4096 bytes that begins full of blanks.  Here the ring is the end of what came out."""
    out, end = bytearray(b" " * _WINDOW), len(data)
    shift = position - _WINDOW  # of a place in the ring against one in the output, modulo the ring's size
    while at < end:
        control, at = data[at], at + 1
        for bit in range(8):
            if control >> bit & 1:
                out += data[at : at + 1]
                at += 1
            elif at + 1 < end:
                match, length = data[at] | (data[at + 1] & 0xF0) << 4, (data[at + 1] & 0xF) + 3
                back = (len(out) + shift - match) % _WINDOW or _WINDOW
                piece = out[-back:][:length]
                out += piece if len(piece) == length else (piece * (length // back + 1))[:length]
                at += 2
        if len(out) >= _WINDOW + _CHUNK:
            yield bytes(out[_WINDOW:])
            shift += len(out) - _WINDOW
            del out[:-_WINDOW]
    yield bytes(out[_WINDOW:])


def _mszip(data: bytes, at: int) -> Iterator[bytes]:
    """Blocks of a length, "CK" and deflated data; each may look back into the 32 KiB before it (MS-MCI)."""
    before = b""
    while (length := int.from_bytes(data[at : at + 2], "little")) > 2:
        block = data[at + 2 : at + 2 + length]
        if block[:2] != b"CK":
            raise Malformed("KWAJ: no block where one should be")
        inflater = zlib.decompressobj(-15, zdict=before)
        try:
            out = inflater.decompress(block[2:], 32768)
        except zlib.error as error:
            raise Malformed(f"KWAJ: damaged block: {error}") from None
        yield out
        if not inflater.eof and len(out) < 32768:
            raise Malformed("KWAJ: a block ends early")
        before, at = (before + out)[-32768:], at + 2 + length


def _sized(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """What follows the size that the header claims is given as well; what lacks is told."""
    done = 0
    for chunk in chunks:
        done += len(chunk)
        yield chunk
    if done < size:
        raise Malformed(f"{size - done} bytes of {size} are missing")
