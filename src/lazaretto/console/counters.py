"""Counting while events come in, so that the dashboard reads sums and never messages."""

from __future__ import annotations

import math
from collections import Counter as Tally
from collections.abc import Iterable

from django.db import connection

from lazaretto.console.records import category, threats, total
from lazaretto.model import Event, Status

MINUTE, HOUR = 60, 3600
_STEPS = 4  # latency bins in each doubling: a quantile is right within 10 %
_TOP = 120  # bins: from 1 ms to 2**30 ms

Key = tuple[str, int, int, str]  # family, width, start, name

_ADD = """
INSERT INTO console_counter (family, width, at, name, value) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (family, width, at, name) DO UPDATE SET value = value + excluded.value
"""


def tally(events: Iterable[Event]) -> Tally[Key]:
    """What these MESSAGE events add to which counter."""
    sums: Tally[Key] = Tally()
    for event in events:
        second = int(event.at.timestamp())
        for family, name in _marks(event):
            for width in (MINUTE, HOUR):
                sums[family, width, second - second % width, name] += 1
    return sums


def add(sums: Tally[Key]) -> None:
    """Writes them, in the transaction of the caller."""
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, [(*key, value) for key, value in sorted(sums.items())])


def _marks(event: Event) -> list[tuple[str, str]]:
    found = category(event)
    marks = [("category", found), ("reply", event.reply.value if event.reply else "none")]
    if (seconds := total(event)) is not None:
        marks.append(("latency", f"{bin_of(seconds):03d}"))
    if found not in (Status.CLEAN, Status.UNSCANNABLE):
        marks += [("threat", name) for name in threats(event.findings)]
        if event.envelope is not None:
            marks.append(("sender", event.envelope.sender.address or "<>"))
    return marks


def bin_of(seconds: float) -> int:
    """Number of the logarithmic bin that a latency falls into."""
    return min(_TOP, max(0, math.ceil(_STEPS * math.log2(max(seconds, 0.001) * 1000))))


def latency_of(number: float) -> float:
    """The middle of a bin, in seconds."""
    return 2 ** ((number - 0.5) / _STEPS) / 1000 if number else 0.001


def quantile(bins: dict[int, int], share: float) -> float | None:
    """The latency in seconds that this share of the messages does not exceed; None without messages."""
    waiting = math.ceil(sum(bins.values()) * share)
    for number in sorted(bins):
        waiting -= bins[number]
        if waiting <= 0:
            return latency_of(number)
    return None
