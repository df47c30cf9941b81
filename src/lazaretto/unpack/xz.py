"""xz: every stream, joined as unxz joins them, and whatever stands behind the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import XZ


class Xz(Unpacker):
    """Every stream, and what stands behind the last."""

    name: ClassVar[str] = "xz"
    types: ClassVar[frozenset[str]] = frozenset({XZ})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        streams = inflate.Streams(inflate.xz, artifact.data, b"\xfd7zXZ\x00", "xz")
        yield Member(inflate.stem(artifact.names), streams.chunks())
        if streams.trailing:
            yield Member(("trailing-data",), [streams.trailing])
