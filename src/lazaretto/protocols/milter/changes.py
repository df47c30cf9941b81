"""From two versions of a message to the replies that turn one into the other at the mail server.

Everything that is not touched keeps its bytes there: a header field is named only when it differs.
"""

from __future__ import annotations

from collections import Counter, deque
from difflib import SequenceMatcher
from typing import NamedTuple

from lazaretto.protocols.milter import events as e

_COMPARED = 500  # fields; above it, what differs is replaced as one block (difflib is quadratic at worst)


class Field(NamedTuple):
    name: bytes
    value: bytes  # all that follows the colon, folded lines separated by CRLF, without the last CRLF

    @property
    def key(self) -> bytes:
        return self.name.lower()


def fields(raw: bytes) -> tuple[list[Field], bytes]:
    """Header fields and body of a message with CRLF line ends.  Raises ValueError when a line of the header
    is no field."""
    head, body = _halves(raw)
    found: list[list[bytes]] = []
    for line in head.split(b"\r\n") if head else ():
        if line[:1] in (b" ", b"\t") and found:
            found[-1].append(line)
        else:
            found.append([line])
    return [_field(b"\r\n".join(lines)) for lines in found], body


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    if raw.startswith(b"\r\n"):
        return b"", raw[2:]
    head, _, body = raw.partition(b"\r\n\r\n")
    return head if _ else head.removesuffix(b"\r\n"), body


def _field(text: bytes) -> Field:
    name, colon, value = text.partition(b":")
    if not colon or not name:
        raise ValueError(f"no header field: {text[:80]!r}")
    return Field(name, value)


def changes(old: bytes, new: bytes) -> list[e.Modification]:
    """Replies that make ``new`` out of ``old``; none when they are equal.  Raises ValueError when ``new`` has
    a header that cannot be expressed."""
    if old == new:
        return []
    old_fields, old_body = fields(old)
    new_fields, new_body = fields(new)
    replies = _header_changes(old_fields, new_fields)
    if old_body != new_body:
        replies.append(e.ReplaceBody(new_body))
    return replies


class _Edits:
    """What is to be done with the old fields, by their place in the old header."""

    def __init__(self, count: int) -> None:
        self.inserted: list[list[Field]] = [[] for _ in range(count + 1)]  # before field i
        self.changed: dict[int, Field | None] = {}  # None: removed


def _header_changes(old: list[Field], new: list[Field]) -> list[e.Modification]:
    """Insertions first, from the bottom up, so that each index still counts the fields as they came; then changes
    and removals, also from the bottom up, for the same reason."""
    edits = _compare(old, new)
    replies: list[e.Modification] = []
    for place in range(len(old) - 1, -1, -1):
        # Insertion counts the Received field that the mail server has put on top and not shown to us; changes
        # do not (Postfix cleanup_milter.c, "Sendmail compatibility").
        replies += [e.InsertHeader(place + 1, *field) for field in reversed(edits.inserted[place])]
    # Not by index: Postfix does not find fields that were appended before.
    replies += [e.AddHeader(*field) for field in edits.inserted[len(old)]]
    return replies + _in_place(old, edits)


def _in_place(old: list[Field], edits: _Edits) -> list[e.Modification]:
    seen: Counter[bytes] = Counter()
    replies: list[e.Modification] = []
    for place, field in enumerate(old):
        seen.update(inserted.key for inserted in edits.inserted[place])
        seen[field.key] += 1
        if place in edits.changed:
            becomes = edits.changed[place]
            if becomes == field:
                continue
            replies.append(e.ChangeHeader(seen[field.key], *(becomes or (field.name, b""))))
    return replies[::-1]


def _compare(old: list[Field], new: list[Field]) -> _Edits:
    edits = _Edits(len(old))
    for tag, i1, i2, j1, j2 in _differences(old, new):
        if tag == "equal":
            continue
        waiting: dict[bytes, deque[int]] = {}
        for i in range(i1, i2):
            waiting.setdefault(old[i].key, deque()).append(i)
        edits.changed.update(dict.fromkeys(range(i1, i2)))
        place = i1
        for field in new[j1:j2]:
            match = _next(waiting.get(field.key), place)
            # A field is changed where it stands, when the order of names allows it; but an empty value would
            # mean removal.
            if match is None or not field.value.strip():
                edits.inserted[place].append(field)
            else:
                edits.changed[match] = field
                place = match + 1
    return edits


def _next(places: deque[int] | None, least: int) -> int | None:
    while places:
        if (place := places.popleft()) >= least:
            return place
    return None


def _differences(old: list[Field], new: list[Field]) -> list[tuple[str, int, int, int, int]]:
    """Opcodes as of difflib."""
    top, shorter = 0, min(len(old), len(new))
    while top < shorter and old[top] == new[top]:
        top += 1
    bottom = 0
    while bottom < shorter - top and old[-1 - bottom] == new[-1 - bottom]:
        bottom += 1
    i2, j2 = len(old) - bottom, len(new) - bottom
    if i2 - top + j2 - top > _COMPARED:
        return [("replace", top, i2, top, j2)]
    matcher = SequenceMatcher(None, old[top:i2], new[top:j2], autojunk=False)
    return [(tag, a + top, b + top, c + top, d + top) for tag, a, b, c, d in matcher.get_opcodes()]
