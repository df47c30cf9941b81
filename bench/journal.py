"""The journal: events a second when many write at once, and what one event costs when nobody else writes."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from lazaretto.journal import Journal
from lazaretto.model import (
    Address,
    Can,
    Direction,
    Done,
    Envelope,
    Event,
    EventKind,
    Outcome,
    Properties,
    Reply,
    Status,
    Step,
    Verdict,
    new_id,
    now,
)

CALLERS = 64
EVENTS = 6400
ALONE = 200


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        journal = Journal(Path(folder) / "journal.sqlite3", keep_days=1)
        journal.open()
        try:
            rate, alone = asyncio.run(_measure(journal))
        finally:
            journal.close()
    yield f"journal: events a second, {CALLERS} callers", rate, "1/s"
    yield "journal: one event alone, median", alone * 1000, "ms"


async def _measure(journal: Journal) -> tuple[float, float]:
    async def caller() -> None:
        for _ in range(EVENTS // CALLERS):
            await journal.record(_event())

    start = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    rate = EVENTS / (time.perf_counter() - start)
    times = []
    for _ in range(ALONE):
        start = time.perf_counter()
        await journal.record(_event())
        times.append(time.perf_counter() - start)
    return rate, statistics.median(times)


def _event() -> Event:
    people = (Address("someone@example.org", "Some One"), Address("another@example.org", "An Other"))
    envelope = Envelope(new_id(), "smtp", Direction.INBOUND, Address("from@example.net"), people, Can.REJECT, now())
    return Event(
        new_id(),
        now(),
        "node",
        EventKind.MESSAGE_PASSED,
        envelope=envelope,
        properties=Properties("The minutes of our last meeting", Address("from@example.net", "From"), people, "<1@x>"),
        status=Status.CLEAN,
        reply=Reply.ACCEPT,
        verdicts=(Verdict("default", people, (Step("deliver"),), (), "Nothing was found."),),
        outcomes=(Outcome("deliver", Done.DONE),),
        timings={"queue": 0.001, "inspect": 0.01},
        policy="1",
        patterns="1",
    )
