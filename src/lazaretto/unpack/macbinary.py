"""MacBinary II and III: a Macintosh file, both forks, in one ("Macintosh Binary Transfer Format II", 1987; MacBinary
III Standard, 1996).  MacBinary I has no checksum to tell it by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import MACBINARY

_HEADER = _BLOCK = 128  # all that follows the header begins at a multiple of it
_NAME, _DATA, _RESOURCE, _COMMENT, _SECOND = 1, 83, 87, 99, 120  # offsets of the name and of lengths


class MacBinary(Unpacker):
    """The data fork, the resource fork, the comment, and what a second header or the end holds."""

    name: ClassVar[str] = "macbinary"
    types: ClassVar[frozenset[str]] = frozenset({MACBINARY})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        if len(data) < _HEADER:
            raise Malformed("MacBinary header cut off")
        name = data[_NAME + 1 : _NAME + 1 + data[_NAME]].decode("mac_roman")
        at = end = _HEADER
        for called, offset, width in (
            ("second-header", _SECOND, 2),
            (name, _DATA, 4),
            (f"{name}.rsrc", _RESOURCE, 4),
            ("comment", _COMMENT, 2),
        ):
            size = int.from_bytes(data[offset : offset + width], "big")
            if piece := data[at : at + size]:
                yield Member((called,), [piece], size=size)
            if size:
                end = at + size
                at = end + -size % _BLOCK
        if data[end:].strip(b"\0"):  # the padding of the last is often left out
            yield Member(("trailing-data",), [data[end:]])
        if end > len(data):
            raise Malformed(f"MacBinary cut off: {end - len(data)} bytes are missing")
