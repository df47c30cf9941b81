"""S/MIME (RFC 8551): what is signed or compressed is read, what is encrypted is said to be so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import ClassVar

from lazaretto.errors import Encrypted, HostileInput, Malformed
from lazaretto.mime import armour, cms
from lazaretto.mime.entity import begins_entity
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import CMS, MAIL


class Smime(Unpacker):
    """CMS with its content inside.  Detached signatures and bags of certificates hold nothing to look at."""

    name: ClassVar[str] = "smime"
    types: ClassVar[frozenset[str]] = frozenset({CMS})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        if cms.begins(artifact.data):
            yield from _opened(artifact.data)
            return
        trouble: HostileInput | None = None
        for block in armour.blocks(artifact.data):
            # By content: PEM's own reader in OpenSSL takes several labels for the same thing.
            if cms.begins(block.data):
                try:
                    yield from _opened(block.data)
                except HostileInput as error:  # of one block; the others are read before it is said
                    # What is encrypted is honest: it must not speak for a block that is broken.
                    trouble = error if trouble is None or isinstance(trouble, Encrypted) else trouble
        if trouble:
            raise trouble


def _opened(data: bytes) -> Iterator[Member]:
    content = cms.read(data)
    if content.kind in cms.HIDDEN:
        raise Encrypted(f"CMS: {content.kind} data")
    if content.pieces is not None:
        pieces = _inflated(content.pieces) if content.kind == "compressed" else content.pieces
        yield _member(pieces)
    if content.trailing:
        yield Member(("trailing-data",), [content.trailing])


def _member(pieces: Iterator[bytes]) -> Member:
    """RFC 8551 section 3.1: the content is a MIME entity, often with nothing but Content-* in its header."""
    head, later = _first(pieces)
    return Member((), chain([head] if head else [], later), declared=MAIL if begins_entity(head) else "")


def _first(pieces: Iterator[bytes]) -> tuple[bytes, Iterable[bytes]]:
    """The first piece that is not empty, and how it goes on: an error comes where it would have come."""
    try:
        for piece in pieces:
            if piece:
                return piece, pieces
    except HostileInput as error:
        return b"", _raised(error)
    return b"", ()


def _raised(error: HostileInput) -> Iterator[bytes]:
    raise error
    yield b""


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """RFC 3274 section 2: zlib (RFC 1950)."""
    packed: list[bytes] = []
    trouble: HostileInput | None = None
    try:
        packed.extend(pieces)
    except HostileInput as error:  # what was read so far still unpacks
        trouble = error
    stream = inflate.Stream(lambda: inflate.Deflate(15), b"".join(packed))
    yield from stream.chunks()
    if trouble or not stream.complete:
        raise trouble or Malformed("compressed CMS content ends early")
