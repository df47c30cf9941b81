"""bzip2: every stream, joined as bunzip2 joins them, and whatever stands behind the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import BZIP2


class Bzip2(Unpacker):
    """Every stream, and what stands behind the last."""

    name: ClassVar[str] = "bzip2"
    types: ClassVar[frozenset[str]] = frozenset({BZIP2})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        streams = inflate.Streams(inflate.bzip2, artifact.data, b"BZh", "bzip2")
        yield Member(inflate.stem(artifact.names), streams.chunks())
        if streams.trailing:
            yield Member(("trailing-data",), [streams.trailing])
