"""Sets of properties in streams of compound files ([MS-OLEPS]): title, comments, and what a document has of its own."""

from __future__ import annotations

import struct
from typing import Final

_MOST: Final = 1_000  # properties of a section
_LONGEST: Final = 1 << 16  # characters of one
_BUILT_IN = {
    2: "title",
    3: "subject",
    4: "author",
    5: "keywords",
    6: "comments",
    8: "last author",
}  # [MS-OSHARED]
_OF_DOCUMENTS = {2: "category", 14: "manager", 15: "company", 27: "content status"}
_DOCUMENT = bytes.fromhex("02d5cdd59c2e1b10939708002b2cf9ae")  # FMTID_DocSummaryInformation
_DICTIONARY = 0
_NARROW, _WIDE = 0x1E, 0x1F  # VT_LPSTR, VT_LPWSTR


def texts(octets: bytes) -> dict[str, str]:
    """Strings by the name of the property, in lower case; those that have no name by their number."""
    found: dict[str, str] = {}
    if len(octets) < 48 or octets[:2] != b"\xfe\xff":  # 2.21
        return found
    count = min(struct.unpack_from("<I", octets, 24)[0], 2)
    for at in range(28, 28 + 20 * count, 20):
        if at + 20 <= len(octets):
            offset = struct.unpack_from("<I", octets, at + 16)[0]
            _section(octets[offset:], octets[at : at + 16], at > 28, found)
    return found


def _section(octets: bytes, format_: bytes, is_own: bool, found: dict[str, str]) -> None:
    """2.20: a size, how many there are, then number and offset of each."""
    if len(octets) < 8:
        return
    names = {} if is_own else _OF_DOCUMENTS if format_ == _DOCUMENT else _BUILT_IN
    count = min(struct.unpack_from("<I", octets, 4)[0], _MOST, (len(octets) - 8) // 8)
    entries = [struct.unpack_from("<II", octets, 8 + 8 * number) for number in range(count)]
    if is_own:
        names = next((_dictionary(octets, offset) for number, offset in entries if number == _DICTIONARY), {})
    for number, offset in entries:
        if number != _DICTIONARY and (text := _text(octets, offset)):
            found[names.get(number, f"property {number}")] = text


def _text(octets: bytes, offset: int) -> str:
    if offset + 8 > len(octets):
        return ""
    kind, size = struct.unpack_from("<II", octets, offset)
    size = min(size, _LONGEST)
    if kind == _NARROW:
        return octets[offset + 8 : offset + 8 + size].split(b"\0")[0].decode("cp1252", "replace")
    if kind == _WIDE:
        return octets[offset + 8 : offset + 8 + 2 * size].decode("utf-16-le", "replace").split("\0")[0]
    return ""


def _dictionary(octets: bytes, at: int) -> dict[int, str]:
    """2.17, in a code page; names in UTF-16 come out with zeros between, which are taken out."""
    names: dict[int, str] = {}
    count = min(int.from_bytes(octets[at : at + 4], "little"), _MOST)
    at += 4
    for _ in range(count):
        if at + 8 > len(octets):
            break
        number, size = struct.unpack_from("<II", octets, at)
        name = octets[at + 8 : at + 8 + min(size, 1024)]
        names[number] = name.replace(b"\0", b"").decode("cp1252", "replace").lower()
        at += 8 + min(size, _LONGEST)
    return names
