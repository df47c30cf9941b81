"""What stands in front of a PDF, behind it, and between two of its revisions."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from lazaretto.plugin import Member

_EOF = re.compile(rb"%%EOF")
_REVISIONS = 64  # that are looked at, from the end; what is between others is in the file itself only
_GOES_ON = re.compile(
    rb"[\0\t\n\f\r ]*(?:[0-9]{1,10}[\0\t\n\f\r ]+[0-9]{1,10}[\0\t\n\f\r ]+obj"
    rb"|xref|trailer|startxref|endstream|%[^\r\n]{0,80}[\r\n]|\Z)"
)
_OBJECT = re.compile(rb"[0-9]{1,10}[\0\t\n\f\r ]{1,8}[0-9]{1,10}[\0\t\n\f\r ]{1,8}obj")


def members(data: bytes) -> Iterator[Member]:
    begin = data.find(b"%PDF-", 0, 2048)
    if begin > 0 and data[:begin].strip():
        yield Member(("leading-data",), [data[:begin]])
    ends = list(deque((found.end() for found in _EOF.finditer(data)), _REVISIONS))
    for end, following in zip(ends, [*ends[1:], len(data)], strict=False):
        if _GOES_ON.match(data, end):
            continue
        last = end == ends[-1]
        found = None if last else _OBJECT.search(data, end, following)
        if rest := data[end : found.start() if found else following].strip(b"\0\r\n\t "):
            yield Member(("trailing-data",), [data[end:].lstrip(b"\r\n") if last else rest])
