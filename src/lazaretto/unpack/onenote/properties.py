"""Property sets of OneNote's objects ([MS-ONESTORE] 2.6.1 and 2.6.7; the properties' ids are of [MS-ONE] 2.2)."""

from __future__ import annotations

import struct
from typing import NamedTuple

_EMBEDDED_NAME, _SOURCE_PATH, _PICTURE_NAME = 0x1C001D9C, 0x1C001D9D, 0x1C001DD7
_FILE, _PICTURE = 0x20001D9B, 0x20001C3F  # whose value is the object with the data
_TEXT, _LINK, _TITLE = 0x1C001C22, 0x1C001E20, 0x1C001CF3
_NAMES = {_EMBEDDED_NAME: _FILE, _SOURCE_PATH: _FILE, _PICTURE_NAME: _PICTURE}  # and what they are names of
_PROPERTIES = 1_000  # of one set; real ones have dozens
_SIZES = {1: 0, 2: 0, 3: 1, 4: 2, 5: 4, 6: 8}
_BYTES, _OBJECT, _OBJECTS = 7, 8, 9
_NO_DATA = frozenset({8, 10, 12})  # values stand in the lists of ids in front
_COUNTED = frozenset({9, 11, 13})
_LONGEST = 2**20


class Properties(NamedTuple):
    """What is of use here."""

    names: tuple[str, ...] = ()
    named: tuple[tuple[int, str], ...] = ()  # ids, as the set writes them, of objects that hold a file, with its names
    texts: tuple[str, ...] = ()


def read(data: bytes) -> Properties:
    """As far as it can be read: sets in sets end it, and none of those that matter holds one in front."""
    try:
        return _read(data)
    except struct.error:
        return Properties()


def _read(data: bytes) -> Properties:
    ids, at = _ids(data)
    (count,) = struct.unpack_from("<H", data, at)
    kinds = struct.unpack_from(f"<{min(count, _PROPERTIES)}I", data, at + 2)
    at += 2 + 4 * len(kinds)
    names: list[tuple[int, str]] = []
    files: dict[int, int] = {}
    texts: list[str] = []
    used = 0
    for kind in kinds:
        form = kind >> 26 & 0x1F
        if form in _SIZES:
            at += _SIZES[form]
        elif form == _BYTES:
            size = int.from_bytes(data[at : at + 4], "little")
            if size > len(data) - at - 4:
                break
            value = data[at + 4 : at + 4 + min(size, _LONGEST)]
            at += 4 + size
            if kind & 0x7FFFFFFF in _NAMES:
                names.append((_NAMES[kind & 0x7FFFFFFF], _string(value).replace("\\", "/").rpartition("/")[2]))
            elif kind & 0x7FFFFFFF in (_TEXT, _LINK, _TITLE):
                texts.append(_string(value))
        elif form in _NO_DATA:
            if kind & 0x7FFFFFFF in (_FILE, _PICTURE) and used < len(ids):
                files[kind & 0x7FFFFFFF] = ids[used]
            used += form == _OBJECT
        elif form in _COUNTED:
            used += int.from_bytes(data[at : at + 4], "little") * (form == _OBJECTS)
            at += 4
        else:
            break
    named = tuple((files[owner], name) for owner, name in names if name and owner in files)
    return Properties(tuple(name for _, name in names if name), named, tuple(filter(None, texts)))


def _ids(data: bytes) -> tuple[tuple[int, ...], int]:
    """The ids of objects in front (2.6.2); those of spaces and contexts are skipped."""
    (head,) = struct.unpack_from("<I", data, 0)
    count = head & 0xFFFFFF
    if count * 4 > len(data):
        raise struct.error
    ids = struct.unpack_from(f"<{count}I", data, 4)
    at = 4 + 4 * count
    if not head >> 31:  # the list of spaces is there
        (spaces,) = struct.unpack_from("<I", data, at)
        at += 4 + 4 * (spaces & 0xFFFFFF)
        if spaces >> 30 & 1:
            (contexts,) = struct.unpack_from("<I", data, at)
            at += 4 + 4 * (contexts & 0xFFFFFF)
    return ids, at


def _string(value: bytes) -> str:
    return value[: len(value) & ~1].decode("utf-16-le", "replace").rstrip("\0")
