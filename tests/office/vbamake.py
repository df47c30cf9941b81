"""Visual Basic projects for the tests ([MS-OVBA] 2.3), of the least that readers need."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from tests.unpack import officefiles

from lazaretto.office.vba import container


def entry(kind: int, data: bytes) -> bytes:
    return struct.pack("<HI", kind, len(data)) + data


def directory(
    modules: Mapping[str, int], page: int = 1252, references: tuple[str, ...] = (), procedural: bool = True
) -> bytes:
    """``modules``: names and where their source begins."""
    found = entry(1, struct.pack("<I", 1)) + entry(3, struct.pack("<H", page)) + entry(4, b"VBAProject")
    found += struct.pack("<HIIH", 9, 4, 1, 2)  # says four bytes, has six
    for each in references:
        octets = each.encode()
        found += entry(0x0D, struct.pack("<I", len(octets)) + octets + bytes(6))
    found += entry(0x0F, struct.pack("<H", len(modules))) + entry(0x13, b"\xff\xff")
    for name, offset in modules.items():
        octets = name.encode(f"cp{page}", "replace")
        wide = name.encode("utf-16-le")
        found += entry(0x19, octets) + entry(0x47, wide) + entry(0x1A, octets) + entry(0x32, wide)
        found += entry(0x31, struct.pack("<I", offset)) + entry(0x21 if procedural else 0x22, b"") + entry(0x2B, b"")
    return found + entry(0x10, b"")


def streams(
    sources: Mapping[str, str],
    *,
    page: int = 1252,
    cache: bytes = b"",
    names: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    folder: str = "",
    project: bytes = b'ID="{0}"\r\n',
) -> dict[str, bytes]:
    found = {
        f"{folder}PROJECT": project,
        f"{folder}VBA/_VBA_PROJECT": b"\xcc\x61\xff\xff\0\0"
        + b"".join(b"\0\1" + name.encode() + b"\0" for name in names),
        f"{folder}VBA/dir": container.pack(directory(dict.fromkeys(sources, len(cache)), page, references)),
    }
    for name, text in sources.items():
        source = f'Attribute VB_Name = "{name}"\r\n' + text.replace("\n", "\r\n")
        found[f"{folder}VBA/{name}"] = cache + container.pack(source.encode(f"cp{page}", "replace"))
    return found


def project(text: str = "", **sources: str) -> bytes:
    """A vbaProject.bin; ``text`` in Module1."""
    return officefiles.ole(streams({**({"Module1": text} if text else {}), **sources}))


def literal(text: str) -> bytes:
    """A string as compiled code has it."""
    return b"\xb9\0" + struct.pack("<H", len(text)) + text.encode() + b"\0" * (len(text) & 1)


def encrypted(data: bytes, seed: int = 0x20) -> bytes:
    """2.4.3.2, the other way round."""
    body = bytes((seed & 6) >> 1) + len(data).to_bytes(4, "little") + data
    version, key = seed ^ 2, seed ^ 0xDF
    out, plain, last, before = bytearray([seed, version, key]), 0xDF, key, version
    for each in body:
        out.append(each ^ (before + plain & 0xFF))
        before, last, plain = last, out[-1], each
    return out.hex().upper().encode()
