"""message/partial (RFC 2046, 5.2.2): pieces of a message, and how they become it again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from math import prod
from typing import NamedTuple, Protocol

from lazaretto.mime import header, transfer
from lazaretto.mime.decode import text
from lazaretto.model import Message, Part

TYPE = "message/partial"
MAX_TOTAL = 10_000  # pieces of one message that are ever joined; old mail was cut into tens
MAX_WAYS = 16  # in which pieces that contradict each other are joined; honest ones fit together in one
_LONGEST_ID = 998  # RFC 5322, 2.1.1
_SHOWN_ID = 200  # characters of it in a line for people
_NUMBER = re.compile(rb"\s*+0*+(\d{1,9})")
_DESCRIBED = re.compile(r"piece (\d{1,9}) of (\d{1,9}|\?), ([0-9a-f]{32}), of (.*)", re.DOTALL)
# RFC 2046, 5.2.2.1 (2) and (3): these are the message's own, all others those of the mail that brought piece 1.
_INNER = frozenset({"subject", "message-id", "encrypted", "mime-version"})


class Numbered(Protocol):
    """What is known of a piece without its bytes."""

    @property
    def number(self) -> int: ...

    @property
    def total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Fragment:
    """One piece.  ``header`` is that of the entity that carried it, ``body`` what it carried."""

    id: str  # the same for all pieces of one message
    number: int  # from 1; 0 where it says none
    total: int  # 0 where it does not say: only the last piece has to
    header: bytes = field(repr=False)
    body: bytes = field(repr=False)


class Described(NamedTuple):
    """A piece as a finding tells it.  The same piece sent twice gives equal ones."""

    id: str  # as ``describe`` writes it
    number: int
    total: int
    digest: str  # of the body


def fragments(message: Message, part: Part) -> tuple[Fragment, ...]:
    """What a part of this type is a piece of: one answer, or, where a field or parameter stands there twice or the
    body has an encoding, one for each kind of reader."""
    fields = [each.value for each in header.fields(message.raw, part) if each.name == "content-type"]
    said = [header.parameters(value) for value in dict.fromkeys((*fields[:1], *fields[-1:]))]
    said = [says for says in said if says.value == TYPE] or said or [header.parameters(b"")]
    outer = message.raw[part.start : part.body]
    # 5.2.2 allows no encoding here: some readers undo one all the same, others do not look for any.
    bodies = dict.fromkeys((transfer.body(message, part), message.raw[part.body : part.end]))
    answers: dict[Fragment, None] = {}
    for says, at in product(said, (0, -1)):
        id, number, total = (
            pairs[at].value if (pairs := says.plain(name)) else says.first(name) for name in ("id", "number", "total")
        )
        named = text(id or b"").strip()[:_LONGEST_ID]
        for body in bodies:
            answers.setdefault(Fragment(named, _number(number), _number(total), outer, body))
    return tuple(answers)


def _number(value: bytes | None) -> int:
    """Leniently: the first number in it."""
    found = _NUMBER.match(value or b"")
    return int(found[1]) if found else 0


def describe(fragment: Fragment) -> str:
    """A line for people that ``read`` understands: how the rest of the program learns of a piece."""
    shown = fragment.id.encode("unicode_escape").decode()
    if len(shown) > _SHOWN_ID:  # "…" stands in no other: there it would have been written as an escape
        shown = f"{shown[:_SHOWN_ID]}…{hashlib.sha256(shown.encode()).hexdigest()[:32]}"
    digest = hashlib.sha256(fragment.body).hexdigest()[:32]
    return f"piece {fragment.number} of {fragment.total or '?'}, {digest}, of {shown}"


def read(line: str) -> Described | None:
    """What ``describe`` has written; None for any other line."""
    found = _DESCRIBED.fullmatch(line)
    if not found:
        return None
    number, total, digest, id = found.groups()
    return Described(id, int(number), 0 if total == "?" else int(total), digest)


def complete(pieces: Iterable[Numbered]) -> bool:
    """Whether there is something to join: by one of the totals that the pieces name, no number is missing."""
    given = list(pieces)
    return bool(_totals(given, _reach({piece.number for piece in given})))


def settled(pieces: Iterable[Fragment]) -> bool:
    """Whether ``joined`` gives everything that anybody can make of these pieces of one id: nothing is missing by any
    of the totals, and the ways to join them are not too many."""
    given = list(pieces)
    known = _by_number(given)
    totals = _totals(given, _reach(known))
    named = {piece.total for piece in given if piece.total}
    return bool(totals) and named == set(totals) and min(known) >= 1 and max(known) <= totals[-1] and not crowded(given)


def crowded(pieces: Iterable[Fragment]) -> bool:
    """Whether they contradict each other in more than MAX_WAYS ways."""
    given = list(pieces)
    known = _by_number(given)
    totals = _totals(given, _reach(known))
    counts = (prod(len(known[number]) for number in range(1, total + 1)) for total in totals[:MAX_WAYS])
    return len(totals) > MAX_WAYS or sum(counts) > MAX_WAYS


def joined(pieces: Iterable[Fragment]) -> Iterator[bytes]:
    """The message that was cut up, nothing as long as a piece is missing.  Where pieces contradict each other (two
    bodies of one number, two totals) every message that may come of them, MAX_WAYS at most.  All are of one id,
    which is for the caller to see to."""
    given = list(pieces)
    known = _by_number(given)
    choices = (
        chosen
        for total in _totals(given, _reach(known))
        for chosen in product(*(known[number] for number in range(1, total + 1)))
    )
    return map(_join, islice(choices, MAX_WAYS))


def _by_number(pieces: Iterable[Fragment]) -> dict[int, list[Fragment]]:
    """Those of one number differ in their bodies."""
    known: dict[int, dict[bytes, Fragment]] = {}
    for piece in pieces:
        known.setdefault(piece.number, {}).setdefault(piece.body, piece)
    return {number: list(found.values()) for number, found in known.items()}


def _reach(numbers: Iterable[int]) -> int:
    """Up to which number none is missing."""
    present, reach = frozenset(numbers), 0
    while reach < MAX_TOTAL and reach + 1 in present:
        reach += 1
    return reach


def _totals(pieces: Iterable[Numbered], reach: int) -> list[int]:
    """The totals by which nothing is missing."""
    return sorted({piece.total for piece in pieces if 0 < piece.total <= reach})


def _join(pieces: Sequence[Fragment]) -> bytes:
    bodies = [piece.body for piece in pieces]
    first = bodies[0]
    inner, _ = header.split(first, 0, len(first))
    outer = pieces[0].header
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
