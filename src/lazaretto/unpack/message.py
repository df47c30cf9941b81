"""Mail inside mail: message/rfc822 and mbox.  The same walk over parts serves the message that came in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.mime import decode, defects, parse
from lazaretto.model import Artifact, Finding, Kind, Message, Part, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import MAIL, MBOX
from lazaretto.unpack.text import FROM_LINE

_SHOWN = 16  # lines of evidence in one finding
# Defects that let two readers see two different messages; the rest is only ugly.
_AMBIGUOUS = frozenset(
    {
        defects.DUPLICATE_FIELD,
        defects.DUPLICATE_PARAMETER,
        defects.BAD_ENCODING,
        defects.SAME_BOUNDARY,
        defects.PART_AFTER_CLOSE,
        defects.ENCODED_MULTIPART,
        defects.BASE64_AFTER_PADDING,
        # Readers that guess the boundary, or read its parameter otherwise, see parts where we see one text.
        defects.NO_BOUNDARY,
        defects.NO_DELIMITER,
    }
)
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
    """Every leaf of a message decoded, in the order of the bytes, with the text around the parts; then what the
    parser and the decoders found odd."""
    odd: list[tuple[str, str]] = []
    for part in _containers_and_leaves(message.root):
        odd.extend((part.path, defect) for defect in part.defects)
        if part.media_type == "message/partial":  # RFC 2046 section 5.2.2: a reader may join what we see in pieces
            where = (f"part {part.path or '(root)'} is a piece of a message",)
            yield Finding("unpack", "mime.partial", Kind.LIMIT, Severity.MEDIUM, evidence=where)
        if part.children and part.media_type.startswith("multipart/"):
            yield from _outside(message.raw, part)
            continue
        if part.children:  # message/rfc822: its own parts are found when it is opened
            yield Member(part.names, [message.raw[part.body : part.end]], part.media_type, place=part.path)
            continue
        data, strange = decode.decoded(message, part)
        odd.extend((part.path, defect) for defect in strange)
        yield Member(part.names, [data], part.media_type, place=part.path)
    yield from _findings(odd)


def _containers_and_leaves(root: Part) -> Iterator[Part]:
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        if part.media_type.startswith("multipart/"):
            waiting.extend(reversed(part.children))


def _outside(raw: bytes, part: Part) -> Iterator[Member]:
    """Preamble and epilogue of a multipart (RFC 2046 section 5.1.1), which some readers show and others scan
    for attachments."""
    delimiter = b"--" + part.boundary
    before = raw[part.body : part.children[0].start]
    cut = before.rfind(delimiter)
    before = before[:cut] if cut >= 0 else before
    after = raw[part.children[-1].end : part.end]
    at = after.find(delimiter)
    after = after[at + len(delimiter) :].removeprefix(b"--") if at >= 0 else after
    for name, text in (("preamble", before), ("epilogue", after)):
        if text.strip():
            yield Member((name,), [text], place=part.path)


def _findings(odd: list[tuple[str, str]]) -> Iterator[Finding]:
    limits = sorted({defect for _, defect in odd if defect.startswith("limit-")})
    for defect in limits:
        where = tuple(f"in part {path or '(root)'}" for path, each in odd if each == defect)[:_SHOWN]
        yield Finding("unpack", defect.replace("-", ".", 1), Kind.LIMIT, Severity.MEDIUM, evidence=where)
    lines = tuple(f"{defect} in part {path or '(root)'}" for path, defect in odd if defect in _AMBIGUOUS)
    if lines:
        yield Finding("unpack", "mime.ambiguous", Kind.AMBIGUOUS, Severity.LOW, evidence=lines[:_SHOWN])
