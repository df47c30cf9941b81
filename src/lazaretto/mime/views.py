"""The views of a message: every reading that gives somebody something else than the standard one.

A mail without defects has one view.  For any other the table of ``readings`` says which rivals are worth trying;
those that come to the same parts are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lazaretto.mime import boundary, defects, readings
from lazaretto.mime.observed import observe
from lazaretto.mime.parse import LIMIT_BOUNDARIES, LIMITS, Boundaries, parse
from lazaretto.mime.readings import MAX_BOUNDARIES, RIVALS, Reading
from lazaretto.model import Message, Part

CAUSES = frozenset().union(*(reading.when for reading in RIVALS))
LIMIT_LINE_ENDS = "limit-line-ends"  # more bare CR than are taken for line ends
_MAX_ODD = 32  # multiparts whose candidate boundaries are looked for


class View(NamedTuple):
    """A message as one reading has it.  ``message.raw`` is what that reader makes of the bytes; mostly the same."""

    reading: Reading
    message: Message


def rivals(message: Message, odd: frozenset[str], known: Boundaries | None = None) -> Iterator[View]:
    """The other views of a message whose standard reading met the defects ``odd``, in the order of credibility.
    ``known`` is what has been searched already.

    One that met a limit has none: it is a finding already, and reading it again would multiply the work.
    """
    if not odd.isdisjoint(LIMITS):
        return
    seen = {(message.raw, _shape(message.root))}
    known = known or Boundaries(message.raw)
    most = _most_boundaries(message, known) if not odd.isdisjoint(boundary.DOUBTED) else 0
    observed = False
    for reading in RIVALS:
        if reading.when.isdisjoint(odd) or reading.boundary >= max(most, 1):
            continue
        if reading.observed:
            if observed:  # two causes, one way to read
                continue
            observed = True
        raw = reading.rewrite(message.raw) if reading.rewrite else message.raw
        if reading.rewrite and raw == message.raw:
            continue
        other = observe(raw) if reading.observed else parse(raw, reading, None if reading.rewrite else known)
        if other is None or (key := (raw, _shape(other.root))) in seen:
            continue
        seen.add(key)
        yield View(reading, other)


def limits(message: Message, odd: frozenset[str], known: Boundaries | None = None) -> tuple[str, ...]:
    """What was not followed to its end, as a reading of the whole message."""
    endless = defects.BARE_CR in odd and odd.isdisjoint(LIMITS) and readings.many_bare_cr(message.raw)
    return (*too_many_boundaries(message, odd, known), *(LIMIT_LINE_ENDS,) * endless)


def too_many_boundaries(message: Message, odd: frozenset[str], known: Boundaries | None = None) -> tuple[str, ...]:
    """The limit that is reached when more boundaries are thinkable than are followed."""
    if boundary.DOUBTED.isdisjoint(odd):
        return ()
    return (LIMIT_BOUNDARIES,) * (_most_boundaries(message, known or Boundaries(message.raw)) > MAX_BOUNDARIES)


def _most_boundaries(message: Message, known: Boundaries) -> int:
    doubted = [part for part in message.root.walk() if not boundary.DOUBTED.isdisjoint(part.defects)]
    doubted = [part for part in doubted if part.boundary or defects.NO_BOUNDARY in part.defects]
    if len(doubted) > _MAX_ODD:
        return MAX_BOUNDARIES + 1
    most = max((len(known.of(part)) for part in doubted), default=0)
    return MAX_BOUNDARIES + 1 if known.exhausted else most


def _shape(root: Part) -> tuple[tuple[int, int, int, str, str], ...]:
    """What a reader gets to see of the parts: their places, and how they are decoded."""
    return tuple((part.start, part.body, part.end, part.encoding, part.media_type) for part in root.walk())
