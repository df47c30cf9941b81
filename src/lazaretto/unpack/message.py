"""Mail inside mail: message/rfc822 and mbox.  The same walk over parts serves the message that came in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.mime import parse
from lazaretto.model import Artifact, Finding, Message
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import MAIL, MBOX
from lazaretto.unpack.text import FROM_LINE
from lazaretto.unpack.union import Union

_FROM_AT_LINE_START = re.compile(rb"^From [^\r\n]*", re.MULTILINE)


class Mail(Unpacker):
    """A forwarded message, or a mail kept as a file."""

    name: ClassVar[str] = "mail"
    types: ClassVar[frozenset[str]] = frozenset({MAIL})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return parts(parse.parse(artifact.data))


class Mbox(Unpacker):
    """Messages behind lines that begin with "From " (RFC 4155, appendix A)."""

    name: ClassVar[str] = "mbox"
    types: ClassVar[frozenset[str]] = frozenset({MBOX})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        starts = [found.start() for found in _FROM_AT_LINE_START.finditer(data) if FROM_LINE.match(found[0])]
        if not starts:  # only a reader that skips blank lines, or takes a bare CR for a line end, sees an mbox here
            yield Member(("1.eml",), [data], declared=MAIL)
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=False), 1):
            body = data.find(b"\n", start, end) + 1
            if body:
                yield Member((f"{number}.eml",), [data[body:end]], declared=MAIL)


def parts(message: Message) -> Iterator[Member | Finding]:
    """Every leaf of a message decoded, in the order of the bytes, with the text around the parts; then what other
    readers may see in it, and what was odd."""
    return Union(message).members()
