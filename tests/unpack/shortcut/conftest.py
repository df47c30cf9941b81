"""Shortcuts by a minimal writer ([MS-SHLLINK])."""

from __future__ import annotations

import struct

import pytest

CLASS = bytes.fromhex("0114020000000000c000000000000046")
KINDS = (("description", 0x4), ("relative", 0x8), ("directory", 0x10), ("arguments", 0x20), ("icon", 0x40))


def counted(text: str, *, wide: bool) -> bytes:
    return struct.pack("<H", len(text)) + (text.encode("utf-16-le") if wide else text.encode("latin-1"))


def ids(*names: str) -> bytes:
    """A root, a drive, then files with a short and a long name."""
    items = [b"\x1f\x50" + bytes(16), b"\x2fC:\\\0" + bytes(18)]
    for name in names:
        long = name.encode("utf-16-le") + b"\0\0"
        extension = struct.pack("<HHI", 46 + len(long), 9, 0xBEEF0004) + bytes(38) + long + b"\x18\0"
        items.append(b"\x32\0" + bytes(10) + b"SHORT~1\0" + extension)
    body = b"".join(struct.pack("<H", len(item) + 2) + item for item in items) + b"\0\0"
    return struct.pack("<H", len(body)) + body


def info(local: str = "", share: str = "", suffix: str = "") -> bytes:
    head, tail = 28, suffix.encode() + b"\0"
    path = local.encode() + b"\0"
    network = struct.pack("<IIIII", 20 + len(share) + 1, 2, 20, 0, 0x20000) + share.encode() + b"\0"
    flags = (1 if local else 0) | (2 if share else 0)
    at = (head, head + len(path), head + len(path) + len(network))
    body = struct.pack("<6I", head, flags, 0, at[0], at[1], at[2]) + path + network + tail
    return struct.pack("<I", len(body) + 4) + body


def environment(path: str, mark: int = 0xA0000001) -> bytes:
    narrow, wide = path.encode("latin-1", "replace").ljust(260, b"\0"), path.encode("utf-16-le").ljust(520, b"\0")
    return struct.pack("<II", 0x314, mark) + narrow + wide


def link(
    *,
    target: bytes = b"",
    place: bytes = b"",
    blocks: bytes = b"",
    wide: bool = True,
    end: bytes = bytes(4),
    **texts: str,
) -> bytes:
    flags = (1 if target else 0) | (2 if place else 0) | (0x80 if wide else 0)
    strings = b""
    for kind, flag in KINDS:
        if kind in texts:
            flags |= flag
            strings += counted(texts[kind], wide=wide)
    return struct.pack("<I16sI", 76, CLASS, flags) + bytes(52) + target + place + strings + blocks + end


class LnkKit:
    link, ids, info, environment = map(staticmethod, (link, ids, info, environment))


@pytest.fixture(scope="session")
def lnk() -> type[LnkKit]:
    return LnkKit
