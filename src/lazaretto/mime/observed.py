"""The reading that believes no field: what looks like a delimiter in front of what looks like a header is one.

The result is flat.  Nobody can say which delimiter belongs to which multipart when the fields are not to be trusted,
and for what is inside the parts it does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lazaretto.mime import header
from lazaretto.mime.content import content
from lazaretto.mime.parse import LIMIT_DELIMITERS, MAX_PARTS
from lazaretto.mime.readings import cr_as_line_end
from lazaretto.model import Message, Part

_MAX_DASHES: Final = 200_000  # places where a line may begin with two hyphens that are looked at
_MAX_NAMES: Final = 64  # names whose other lines are looked for; without it a part is only cut later

# A delimiter line, and within the next few lines a field that only a part's header has.
_SHOWS = re.compile(
    rb"--(?P<name>[^\r\n]{0,1000}+)(?:\r{0,9999}+\n|\r)"
    rb"(?:[^\r\n]{0,998}+(?:\r{0,3}+\n|\r)){0,4}?[^\r\nA-Za-z]{0,8}+"
    rb"(?i:content[\W_]{0,3}(?:type|transfer|disposition)|mime-version)[^\r\n]{0,20}[:\s=]"
)
_REACH: Final = 16_384  # bytes; more than the pattern spans up to the field
_CONTENT = re.compile(rb"content[\W_]{0,3}(?:type|transfer|disposition)")
_BLANKS = b" \t\r\n"


class Watch:
    """Looks for such delimiters in pieces of a message; ``_MAX_DASHES`` are for all of them together."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._left = _MAX_DASHES

    def shows(self, start: int, end: int) -> bool:
        """Whether there is one in ``raw[start:end]``, or too much to be sure; quick where there is none."""
        return next(self.delimiters(start, end), None) is not None

    def delimiters(self, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        """Name, place and next line of each delimiter that a header follows; a place below 0 when there are too many
        lines to look at."""
        raw = self._raw
        at = raw.find(b"--", start, end)
        shown = _Fields(raw, start, end) if at >= 0 else None
        while at >= 0 and shown and (field := shown.after(at)) >= 0:
            if field - at > _REACH:  # too far from the next one
                at = raw.find(b"--", field - _REACH, end)
                continue
            self._left -= 1
            if self._left < 0:
                yield b"", -1, -1
                return
            if at == start or raw[at - 1] in _BLANKS:
                if found := _SHOWS.match(raw, at, end):
                    yield found["name"].strip().removesuffix(b"--").rstrip(), at, _next_line(raw, at, end)
                at = _next_line(raw, at, end) - 1
            at = raw.find(b"--", at + 1, end)


class _Fields:
    """Where what only a part's header has stands next."""

    def __init__(self, raw: bytes, start: int, end: int) -> None:
        self._text, self._start = raw[start:end].lower(), start
        self._content = self._version = -1  # up to where the one and the other have been looked for

    def after(self, at: int) -> int:
        """Below 0: nowhere any more."""
        at -= self._start
        if self._content < at:
            found = _CONTENT.search(self._text, at)
            self._content = found.start() if found else len(self._text)
        if self._version < at:
            place = self._text.find(b"mime-version", at)
            self._version = place if place >= 0 else len(self._text)
        first = min(self._content, self._version)
        return first + self._start if first < len(self._text) else -1


def observe(raw: bytes) -> Message | None:
    """The message cut at all of them; None if there is none.  Parts are "1", "2" ... of the root; ``raw`` has LF where
    a bare CR ends lines."""
    names: dict[bytes, None] = {}
    marks: list[tuple[int, int]] = []  # where each delimiter begins, and where the next line does
    limits: tuple[str, ...] = ()
    for name, at, after in Watch(raw).delimiters(0, len(raw)):
        if at < 0 or len(marks) >= MAX_PARTS:
            limits = (LIMIT_DELIMITERS,)
            break
        if raw[after - 1 : after] == b"\r":  # lines that end so; no offset changes
            return observe(cr_as_line_end(raw))
        names.setdefault(name)
        marks.append((at, after))
    if not marks and not limits:
        return None
    marks += _ends(raw, list(names)[:_MAX_NAMES], {at for at, _ in marks})
    marks.sort()
    parts = [
        _part(raw, number, after, end)
        for number, ((_, after), (end, _)) in enumerate(zip(marks, [*marks[1:], (len(raw), 0)], strict=False), 1)
    ]
    root = Part("", 0, 0, len(raw), "multipart/mixed", defects=limits, children=tuple(parts))
    return Message(raw, root)


def _next_line(raw: bytes, at: int, end: int) -> int:
    feed = raw.find(b"\n", at, end)
    line = end if feed < 0 else feed + 1
    ret = raw.find(b"\r", at, line)
    # A CR ends the line by itself unless only others and the LF stand behind it.
    return line if ret < 0 or not raw[ret:line].strip(b"\r\n") else ret + 1


def _ends(raw: bytes, names: list[bytes], known: set[int]) -> Iterator[tuple[int, int]]:
    """Other lines that begin with one of the names: close-delimiters, and delimiters of parts without a header."""
    count = 0
    for name in names:
        at = raw.find(b"--" + name) if name else -1
        while at >= 0 and count < MAX_PARTS:
            count += 1
            if at not in known and (at == 0 or raw[at - 1] in _BLANKS):
                yield at, _next_line(raw, at, len(raw))
            at = raw.find(b"--" + name, at + 1)


def _part(raw: bytes, number: int, start: int, end: int) -> Part:
    """The entity between two delimiters; the line end before a delimiter is the delimiter's."""
    start = min(start, end)
    if raw[end - 1 : end] == b"\n" and end > start:
        end -= 1
    if raw[end - 1 : end] == b"\r" and end > start:
        end -= 1
    body, odd = header.split(raw, start, end)
    fields = [field for field in header.scan(raw, start, body) if field.name.startswith("content-")]
    says = content(fields)
    odd = (*odd, *header.oddities(raw, start, body, fields)) if body > start else odd
    return Part(
        str(number),
        start,
        body,
        end,
        says.media_type,
        says.charset,
        says.names,
        says.disposition,
        says.encoding,
        says.boundary,
        says.content_id,
        (*odd, *says.defects),
    )
