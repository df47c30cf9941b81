"""ActiveMime ("editdata.mso", "oledata.mso"): the macro project or objects of an Office document that was saved as XML
or as a web page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from lazaretto.errors import Malformed
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import inflate
from lazaretto.unpack.signatures import ACTIVE_MIME

_TRIED = 64  # places where the data may begin


class ActiveMime(Unpacker):
    """No specification: a head of some length that says where its end is, then zlib; readers and writers of old
    documents disagree about the length, so that a beginning is looked for."""

    name: ClassVar[str] = "activemime"
    types: ClassVar[frozenset[str]] = frozenset({ACTIVE_MIME})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        places = dict.fromkeys((int.from_bytes(data[30:32], "little") + 46, 0x32, 0x22A))
        for at in (*places, *islice(_beginnings(data), _TRIED)):
            if data[at : at + 1] == b"\x78" and _inflates(data, at):
                yield Member(("oledata.ole",), _inflated(data, at))
                return
        raise Malformed("ActiveMime without data")


def _beginnings(data: bytes) -> Iterator[int]:
    at = data.find(b"\x78")
    while at >= 0:
        yield at
        at = data.find(b"\x78", at + 1)


def _inflated(data: bytes, at: int) -> Iterator[bytes]:
    stream = inflate.Stream(lambda: inflate.Deflate(15), data, at)
    yield from stream.chunks()
    if not stream.complete:
        raise Malformed("ActiveMime ends early")


def _inflates(data: bytes, at: int) -> bool:
    try:
        return bool(inflate.Deflate(15).decode(data[at : at + 4096]))
    except inflate.ERRORS:
        return False
