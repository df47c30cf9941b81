"""OneNote (.one, .onetoc2): the files on its pages, which open with two clicks, and its texts.  A .onepkg is a cabinet
of such sections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.onenote import packaged, properties, revision
from lazaretto.unpack.signatures import ONENOTE

_FORMAT = slice(48, 64)
_CHUNK = 256 * 1024
_NAMES = 16


class OneNote(Unpacker):
    """Every file of the section, also those of older revisions; the texts of the pages, links among them."""

    name: ClassVar[str] = "onenote"
    types: ClassVar[frozenset[str]] = frozenset({ONENOTE})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        names = revision.Names(data)
        for file in revision.files(data):
            if file.end > file.start:
                size = file.end - file.start
                yield Member(names.of(file) or ("file.bin",), _slices(data, file.start, file.end), size=size)
        texts = names.texts
        if data[_FORMAT] == packaged.FORMAT:
            blobs, texts = _packaged(data)
            yield from blobs
        if texts:
            yield Member(("text.txt",), ["\n".join(texts).encode("utf-8", "replace")])
        if not names.complete:
            evidence = ("a list of objects too long to be read: files may lack their names",)
            yield Finding("unpack", "onenote.limit", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)


def _packaged(data: bytes) -> tuple[list[Member], dict[str, None]]:
    """Nothing leads from a name to its file without a reading of all ids: each file has all names."""
    blobs: list[bytes] = []
    names: dict[str, None] = {}
    texts: dict[str, None] = {}
    for item in packaged.items(data):
        if item.blob:
            blobs.append(item.data)
        else:
            found = properties.read(item.data)
            names.update(dict.fromkeys(found.names))
            texts.update(dict.fromkeys(found.texts))
    known = tuple(names)[:_NAMES] or ("file.bin",)
    return [Member(known, [blob], size=len(blob)) for blob in blobs if blob], texts


def _slices(data: bytes, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _CHUNK):
        yield data[at : min(at + _CHUNK, end)]
