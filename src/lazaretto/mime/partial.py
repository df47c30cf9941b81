"""message/partial (RFC 2046, 5.2.2): pieces of a message, and how they become it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lazaretto.mime import header, transfer
from lazaretto.mime.decode import text
from lazaretto.model import Message, Part

TYPE = "message/partial"
MAX_TOTAL = 10_000  # pieces of one message that are ever joined; old mail was cut into tens
_LONGEST_ID = 998  # RFC 5322, 2.1.1
_NUMBER = re.compile(rb"\s*+0*+(\d{1,9})")
# RFC 2046, 5.2.2.1 (2) and (3): these are the message's own, all others those of the mail that brought piece 1.
_INNER = frozenset({"subject", "message-id", "encrypted", "mime-version"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """One piece.  ``header`` is that of the entity that carried it, ``body`` what it carried."""

    id: str  # the same for all pieces of one message
    number: int  # from 1; 0 where it says none
    total: int  # 0 where it does not say: only the last piece has to
    header: bytes = field(repr=False)
    body: bytes = field(repr=False)


def fragments(message: Message) -> list[Fragment]:
    """Every piece that a message carries, in the order of the bytes."""
    return [fragment(message, part) for part in message.root.walk() if part.media_type == TYPE]


def fragment(message: Message, part: Part) -> Fragment:
    """Reads a part of this type.  Parameters are read leniently: the first number in their value counts."""
    found = (each.value for each in header.fields(message.raw, part) if each.name == "content-type")
    says = header.parameters(next(found, b""))
    return Fragment(
        id=text(says.first("id") or b"").strip()[:_LONGEST_ID],
        number=_number(says.first("number")),
        total=_number(says.first("total")),
        header=message.raw[part.start : part.body],
        # 5.2.2 allows no encoding here; readers that undo one all the same see what it hides.
        body=transfer.body(message, part),
    )


def _number(value: bytes | None) -> int:
    found = _NUMBER.match(value or b"")
    return int(found[1]) if found else 0


def complete(pieces: Iterable[Fragment]) -> bool:
    """Whether nothing is missing: some piece says how many there are, and each number is there."""
    numbers: set[int] = set()
    total = 0
    for piece in pieces:
        numbers.add(piece.number)
        total = max(total, piece.total)
    return 0 < total <= MAX_TOTAL and numbers.issuperset(range(1, total + 1))


def join(pieces: Iterable[Fragment]) -> bytes | None:
    """The message that was cut up, None as long as a piece is missing.  Of two pieces of one number the first counts;
    all are of one ``id``, which is for the caller to see to."""
    given = list(pieces)
    if not complete(given):
        return None
    known = {piece.number: piece for piece in reversed(given)}
    total = max(piece.total for piece in given)
    bodies = [known[number].body for number in range(1, total + 1)]
    first = bodies[0]
    inner, _ = header.split(first, 0, len(first))
    outer = known[1].header
    lines = [*_lines(outer, own=False), *_lines(first[:inner], own=True)]
    rest = [first[inner:], *bodies[1:]]
    # (1): messages are cut between lines; the line break before a delimiter is not part of a body.
    ended = [body if body.endswith(b"\n") or not body else body + b"\r\n" for body in rest[:-1]]
    return b"".join([*(line + b"\r\n" for line in lines), b"\r\n", *ended, rest[-1]])


def _lines(source: bytes, *, own: bool) -> Iterator[bytes]:
    """Fields as they stand, folds and all: those that are the message's own, or the others."""
    for number, each in enumerate(header.scan(source, 0, len(source))):
        if number >= header.MAX_FIELDS:
            return
        if (each.name in _INNER or each.name.startswith("content-")) is own:
            yield source[each.start : each.end]
