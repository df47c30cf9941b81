"""Texts of user forms ([MS-OFORMS]): captions, tags and tips of controls, which code reads as it reads a string.

The streams are not parsed: whatever looks like a text in them is one, so that no damage hides any."""

from __future__ import annotations

import re
from typing import Final

from lazaretto.errors import HostileInput
from lazaretto.office.compound import STORAGE, Compound, Entry

MOST: Final = 1 << 22  # bytes of all forms of a file
_STREAMS = frozenset({"f", "o", "x", "\x03vbframe"})  # the form, its controls, pages, and [MS-OVBA] 2.3.5
_NARROW = re.compile(rb"[\x20-\x7e]{4,65536}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0){4,65536}")


def texts(file: Compound) -> list[tuple[str, str]]:
    """Each with the name of its form."""
    found: list[tuple[str, str]] = []
    left = MOST
    for storage in file.entries:
        if storage.kind != STORAGE or storage.number not in file.parents:
            continue
        inside = [each for each in file.children.get(storage.number, ()) if each.name.lower() in _STREAMS]
        if not {"f", "o"} <= {each.name.lower() for each in inside}:
            continue
        for each in inside:
            octets = read(file, each, left)
            left -= len(octets)
            found += [(text, f"form {storage.name}") for text in runs(octets)]
    return found


def runs(octets: bytes) -> list[str]:
    """Whatever looks like a text, of one byte a character or two."""
    wide = [each[0].decode("utf-16-le") for each in _WIDE.finditer(octets)]
    return [each[0].decode() for each in _NARROW.finditer(octets)] + wide


def read(file: Compound, entry: Entry | None, most: int) -> bytes:
    try:
        return file.read(entry, most) if entry and most > 0 else b""
    except HostileInput:
        return b""
