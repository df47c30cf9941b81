"""Sections for the tests: a store of revisions with its lists, and the packaged form, by a minimal writer."""

from __future__ import annotations

import struct
import uuid

import pytest

MAGIC = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
FORMAT = bytes.fromhex("3fdd9a101b91f549a5d01791edc8aed8")
PACKAGED = bytes.fromhex("2fe98d63d4a6c14b9a36b3fc2511a5b7")
HEADER = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
FOOTER = bytes.fromhex("22a7fb71790f0b4abb13899256426b24")
FRAGMENT = bytes.fromhex("c4f4f7f5b17a56a4")


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def properties(values: dict[int, bytes | int]) -> bytes:
    """A set with strings, and ids of objects where the value is a number."""
    ids = [value for value in values.values() if isinstance(value, int)]
    out = struct.pack("<I", 1 << 31 | len(ids)) + struct.pack(f"<{len(ids)}I", *ids)
    out += struct.pack("<H", len(values)) + struct.pack(f"<{len(values)}I", *values)
    return out + b"".join(
        struct.pack("<I", len(value)) + value for value in values.values() if isinstance(value, bytes)
    )


def stored(data: bytes, *, length: int | None = None, footer: bytes = FOOTER) -> bytes:
    """A file in the store."""
    size = len(data) if length is None else length
    return HEADER + struct.pack("<QIQ", size, 0, 0) + data + bytes(-len(data) % 8) + footer


def node(kind: int, body: bytes, chunk: tuple[int, int] | None = None) -> bytes:
    """A node, with a reference of eight and four bytes if there is a chunk."""
    reference = struct.pack("<QI", *chunk) if chunk else b""
    size = 4 + len(reference) + len(body)
    return struct.pack("<I", kind | size << 10 | (2 << 27 if chunk else 0)) + reference + body


def counted(text: str) -> bytes:
    return struct.pack("<I", len(text)) + wide(text)


def section(files: dict[str, bytes], text: str = "") -> bytes:
    out = MAGIC + bytes(32) + FORMAT + bytes(960)
    nodes = b""
    for number, (name, data) in enumerate(files.items(), 1):
        guid = uuid.UUID(int=number)
        nodes += node(0x94, guid.bytes_le, (len(out), len(stored(data))))
        out += stored(data)
        ending = name.rpartition(".")[2]
        nodes += node(0x72, struct.pack("<IIB", number, 0, 1) + counted(f"<ifndf>{{{guid}}}") + counted(f".{ending}"))
        values = properties({0x1C001D9C: wide(name) + b"\0\0", 0x20001D9B: number})
        nodes += node(0xA4, bytes(9), (len(out), len(values)))
        out += values
    values = properties({0x1C001C22: wide(text)})
    nodes += node(0xA4, bytes(9), (len(out), len(values)))
    return out + values + FRAGMENT + bytes(8) + nodes + bytes(20)


def compact(number: int) -> bytes:
    return b"\x80" + struct.pack("<Q", number)


def stream_object(kind: int, body: bytes) -> bytes:
    return struct.pack("<I", 2 | kind << 3 | 0x7FFF << 17) + compact(len(body)) + body


def packaged(name: str, data: bytes) -> bytes:
    values = properties({0x1C001D9C: wide(name), 0x1C001C22: wide("a page")})
    ids = compact(1) + b"\x0c" + bytes(16) + compact(0)
    out = MAGIC + bytes(32) + PACKAGED + bytes(4) + struct.pack("<H", 0x15 << 3)
    out += stream_object(0x16, ids + compact(len(values)) + values) + b"\x05"
    return out + stream_object(0x02, compact(len(data)) + data) + b"\x07\0"


class OneNoteKit:
    section, packaged, stored, node, properties = map(staticmethod, (section, packaged, stored, node, properties))
    magic, fragment, header, footer = MAGIC, FRAGMENT, HEADER, FOOTER


@pytest.fixture(scope="session")
def one() -> type[OneNoteKit]:
    return OneNoteKit
