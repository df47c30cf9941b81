"""Where a RAR archive begins in a file: unrar looks for it behind anything (an unpacking program, a picture)."""

from __future__ import annotations

import zlib

MARK4, MARK5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_MARK = b"Rar!\x1a\x07"
_FARTHEST = 4 << 20  # bytes in front of the archive: unrar's MAXSFXSIZE since version 7


def find(data: bytes) -> int:
    """Offset of the mark, at the start or with an archive header behind it: programs that read RAR contain the mark.
    -1: nowhere."""
    if data.startswith((MARK4, MARK5)):
        return 0
    at = 0
    while (at := data.find(_MARK, at + 1, _FARTHEST + len(_MARK))) >= 0:
        if data.startswith(MARK4, at) and _is_header4(data[at + len(MARK4) :][:13]):
            return at
        if data.startswith(MARK5, at) and _is_header5(data[at + len(MARK5) :][:1024]):
            return at
    return -1


def _is_header4(header: bytes) -> bool:
    """The archive header with its checksum (TechNote of RAR 4.20, "Archive header")."""
    return (
        len(header) == 13
        and header[2] == 0x73
        and zlib.crc32(header[2:]) & 0xFFFF == int.from_bytes(header[:2], "little")
    )


def _is_header5(block: bytes) -> bool:
    """An archive or encryption header with its checksum (technote "RAR 5.0 archive format"); both are short."""
    if len(block) < 7 or (block[4] >= 0x80 and block[5] >= 0x80):
        return False
    size, start = (block[4], 5) if block[4] < 0x80 else (block[4] & 0x7F | block[5] << 7, 6)
    return block[start : start + 1] in (b"\x01", b"\x04") and (
        zlib.crc32(block[4 : start + size]) == int.from_bytes(block[:4], "little")
    )
