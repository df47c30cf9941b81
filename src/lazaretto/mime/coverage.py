"""Where every byte of a message belongs: the proof that nothing in it goes unseen.

The spans tile the message without a hole.  The body of a leaf is inspected as a part; everything else that can hold
more than the grammar asks for (``OUTSIDE``) is inspected as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from lazaretto.model import Message, Part


class Place(StrEnum):
    HEADER = "header"
    BODY = "body"  # of a leaf: decoded
    DELIMITER = "delimiter"
    PREAMBLE = "preamble"  # RFC 2046, 5.1.1
    GAP = "gap"  # between a close-delimiter and the part that comes all the same
    EPILOGUE = "epilogue"  # RFC 2046, 5.1.1


OUTSIDE = frozenset({Place.PREAMBLE, Place.GAP, Place.EPILOGUE})


class Span(NamedTuple):
    """``raw[start:end]`` is ``place`` of the part at ``path``."""

    place: Place
    path: str
    start: int
    end: int


def coverage(message: Message) -> Iterator[Span]:
    """The spans of a message, those of a part before those of the parts inside it; empty ones are left out."""
    for part in message.root.walk():
        yield from (span for span in (_header(part), *around(message.raw, part)) if span.end > span.start)
        if not part.children and part.end > part.body:
            yield Span(Place.BODY, part.path, part.body, part.end)


def around(raw: bytes, part: Part) -> Iterator[Span]:
    """What stands around the parts of a multipart: delimiters, and what should not be there."""
    if not part.children:
        return
    delimiter = b"--" + part.boundary
    at = part.body
    for number, child in enumerate(part.children):
        line = _line_start(raw, raw.rfind(delimiter, at, child.start), at)
        if number:
            yield from _close(raw, part, at, line, child.start, delimiter)
        else:
            yield Span(Place.PREAMBLE, part.path, at, line)
            yield Span(Place.DELIMITER, part.path, line, child.start)
        at = child.end
    found = raw.find(delimiter, at, part.end)
    after = part.end if found < 0 else min(found + len(delimiter) + 2, part.end)
    yield Span(Place.DELIMITER, part.path, at, after)
    yield Span(Place.EPILOGUE, part.path, after, part.end)


def _close(raw: bytes, part: Part, at: int, line: int, start: int, delimiter: bytes) -> Iterator[Span]:
    """Between two parts there is one delimiter, or a close-delimiter, something, and a delimiter."""
    first = raw.find(delimiter, at, start)
    after = first + len(delimiter) + 2
    if first < 0 or after > line:
        yield Span(Place.DELIMITER, part.path, at, start)
        return
    yield Span(Place.DELIMITER, part.path, at, after)
    yield Span(Place.GAP, part.path, after, line)
    yield Span(Place.DELIMITER, part.path, line, start)


def _header(part: Part) -> Span:
    return Span(Place.HEADER, part.path, part.start, part.body)


def _line_start(raw: bytes, at: int, least: int) -> int:
    """Where the delimiter at ``at`` begins: its line end in front belongs to it."""
    if at < 0:
        return least
    if at > least and raw[at - 1 : at] == b"\n":
        at -= 1
    if at > least and raw[at - 1 : at] == b"\r":
        at -= 1
    return at
