"""The .lzma file of LZMA SDK (lzma.txt there, "lzma file format"): a header of 13 bytes and one stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import LZMA


class Lzma(Unpacker):
    """One stream, and what stands behind it."""

    name: ClassVar[str] = "lzma"
    types: ClassVar[frozenset[str]] = frozenset({LZMA})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        stream = inflate.Stream(inflate.lzma_alone, artifact.data)
        yield Member(inflate.stem(artifact.names), _whole(stream))
        if rest := artifact.data[stream.stop :]:
            yield Member(("trailing-data",), [rest])


def _whole(stream: inflate.Stream) -> Iterator[bytes]:
    yield from stream.chunks()
    if not stream.complete:
        raise Malformed("lzma data ends early")
