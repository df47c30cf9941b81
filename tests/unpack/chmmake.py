"""Compiled HTML help of files that are not compressed (as the "Unofficial CHM Specification" describes the format)."""

from __future__ import annotations

import struct
import uuid

_CHUNK = 0x1000
_HEADER = [uuid.UUID(f"7c01fd1{digit}-7baa-11d0-9e0c-00a0c922e6ec").bytes_le for digit in "01"]
_DIRECTORY = uuid.UUID("5d02926a-212e-11d0-9df9-00a0c922e6ec").bytes_le
_NAMES = "::DataSpace/NameList"


def _number(value: int) -> bytes:
    """ENCINT: seven bits a byte, the highest first."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def _name_list() -> bytes:
    """The sections of content: one, "Uncompressed"."""
    name = "Uncompressed"
    words = struct.pack("<HH", 1, len(name)) + name.encode("utf-16-le") + bytes(2)
    return struct.pack("<H", len(words) // 2 + 1) + words


def chm(files: dict[str, bytes]) -> bytes:
    content, entries = b"", b""
    for name, data in sorted({_NAMES: _name_list(), **{f"/{name}": data for name, data in files.items()}}.items()):
        entries += _number(len(name)) + name.encode() + _number(0) + _number(len(content)) + _number(len(data))
        content += data
    free = _CHUNK - 20 - len(entries)
    chunk = b"PMGL" + struct.pack("<IIii", free, 0, -1, -1) + entries + bytes(free - 2)
    chunk += struct.pack("<H", len(files) + 1)
    shape = struct.pack("<7Iiiiii", 1, 0x54, 10, _CHUNK, 2, 1, 0, 0, 0, -1, 1, 0x409)
    directory = b"ITSP" + shape + _DIRECTORY + struct.pack("<Iiii", 0x54, -1, -1, -1) + chunk
    start = 0x60 + 0x18
    whole = start + len(directory) + len(content)
    head = b"ITSF" + struct.pack("<5I", 3, 0x60, 1, 0, 0x409) + b"".join(_HEADER)
    head += struct.pack("<5Q", 0x60, 0x18, start, len(directory), start + len(directory))
    return head + struct.pack("<IIQII", 0x1FE, 0, whole, 0, 0) + directory + content
