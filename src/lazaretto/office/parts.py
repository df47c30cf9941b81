"""Parts of a package (ECMA-376 part 2, OPC; OpenDocument 1.3 part 2) for whoever has to see several of them at once.

The unpackers give every part however damaged the package is; this reads what an office program would, or nothing.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from io import BytesIO
from typing import Final, NamedTuple

from lazaretto.mime import elements

MOST: Final = 10_000  # parts: those of honest documents are hundreds
_LONGEST: Final = 1 << 24  # bytes of one part that are read
_ALL: Final = 1 << 26  # bytes of all that are read
_END = b"PK\5\6"  # APPNOTE 4.3.16: the end of the central directory
_FAILURES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError, struct.error)


class Relation(NamedTuple):
    id: str
    kind: str  # the last word of its type, in lower case
    target: str
    external: bool


class Parts:
    """Of one package.  ``complete`` is False when there was more than is read."""

    def __init__(self, data: bytes) -> None:
        self.names: tuple[str, ...] = ()
        self.complete = True
        self._left = _ALL
        end = data.rfind(_END, max(0, len(data) - 65_557))
        count = int.from_bytes(data[end + 10 : end + 12], "little") if end >= 0 else 0
        if not count or count > MOST or int.from_bytes(data[end + 12 : end + 16], "little") > MOST * 300:
            self.complete = count <= MOST
            return
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except _FAILURES:
            return
        self.names = tuple(dict.fromkeys(self._zip.namelist()))[:MOST]

    def read(self, name: str, most: int = _LONGEST) -> bytes:
        """b"" when there is no such part, or none that can be read."""
        if name not in self.names or self._left <= 0:
            self.complete = self.complete and self._left > 0
            return b""
        try:
            with self._zip.open(name) as stream:
                data = stream.read(min(most, self._left))
        except _FAILURES:
            return b""
        self._left -= len(data)
        return data

    def text(self, name: str) -> str:
        return elements.document(self.read(name))

    def like(self, *marks: str, ends: str = "") -> list[str]:
        """Names of parts that have one of these in them."""
        return [
            name
            for name in self.names
            if name.lower().endswith(ends) and any(mark in "/" + name.lower() for mark in marks)
        ]

    def relations(self, name: str) -> list[Relation]:
        """Of a part (9.3 of part 2)."""
        folder, _, file = name.rpartition("/")
        found = []
        for each in elements.named(self.text(posixpath.join(folder, "_rels", file + ".rels")), "Relationship"):
            given = each.attributes
            kind = given.get("type", "").rstrip("/").rpartition("/")[2].lower()
            external = given.get("targetmode", "").lower() == "external"
            found.append(Relation(given.get("id", ""), kind, given.get("target", ""), external))
        return found

    def resolve(self, name: str, target: str) -> str:
        """The name of the part that a part points to."""
        base = "" if target.startswith("/") else name.rpartition("/")[0]
        return posixpath.normpath(posixpath.join(base, target.lstrip("/")))
