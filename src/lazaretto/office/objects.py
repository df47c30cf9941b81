"""Objects of other programs inside documents ([MS-OLEDS]), in the two forms that hold a file: OLE 1.0, as RTF and old
documents have it, and the stream "\\x01Ole10Native"."""

from __future__ import annotations

from typing import NamedTuple

from lazaretto.mime.decode import text

_EMBEDDED = 2  # 2.2.4: FormatID of an embedded object
_LONGEST_NAME = 1_000  # bytes of a class or file name


class Native(NamedTuple):
    name: bytes  # of its class
    data: bytes


class Packaged(NamedTuple):
    """A file in an object of the class Package, under every name that the object has for it."""

    names: tuple[str, ...]
    data: bytes
    paths: tuple[str, ...] = ()  # where it lay when it was packed


def native(octets: bytes) -> Native | None:
    """2.2.5: an embedded object; None when it is none, or damaged so that nobody would find its data."""
    if int.from_bytes(octets[4:8], "little") != _EMBEDDED:
        return None
    names, at = [], 8
    for _ in range(3):  # class, topic, item: each with its length, the zero at the end counted
        size = int.from_bytes(octets[at : at + 4], "little")
        if size > _LONGEST_NAME:
            return None
        names.append(octets[at + 4 : at + 4 + size].rstrip(b"\0"))
        at += 4 + size
    return Native(names[0], octets[at + 4 :])  # a wrong size stops no reader


def stream(octets: bytes) -> Packaged | None:
    """2.3.6: a stream "\\x01Ole10Native": a size, then the same; None when it holds no packaged file."""
    return packaged(octets[4:])


def packaged(data: bytes) -> Packaged | None:
    """No specification; as the Object Packager writes it: 2, a label, a path, 3, the path of a temporary file with its
    length, the file with its length, and, since Windows 2000, the three names once more in UTF-16."""
    label, after, rest = data[2 : 2 + 4 * _LONGEST_NAME].partition(b"\0")
    path, _, rest = rest.partition(b"\0")
    if data[:2] != b"\x02\0" or not after or len(label) > _LONGEST_NAME or len(path) > _LONGEST_NAME:
        return None
    at = 2 + len(label) + 1 + len(path) + 1
    length = int.from_bytes(data[at + 4 : at + 8], "little")
    temporary = data[at + 8 : at + 8 + length].partition(b"\0")[0]
    at += 8 + length
    if length > _LONGEST_NAME or len(data) < at + 4:
        return None
    size = int.from_bytes(data[at : at + 4], "little")
    wide = _wide(data, at + 4 + size)
    paths = tuple(dict.fromkeys(each for each in (text(path), text(temporary), *wide) if each))
    # Windows shows the wide one; the other has question marks for what its code page lacks.
    names = dict.fromkeys(_base(each) for each in (*wide[1:2], text(label), *paths) if _base(each))
    return Packaged(tuple(names), data[at + 4 : at + 4 + size], paths)


def _wide(data: bytes, at: int) -> list[str]:
    """Temporary path, label, path, each with its length in characters."""
    found: list[str] = []
    while len(found) < 3 and at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        if length > _LONGEST_NAME:
            break
        found.append(data[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace").partition("\0")[0])
        at += 4 + 2 * length
    return found


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
