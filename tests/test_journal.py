from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lazaretto import journal as module
from lazaretto.errors import ControlError, NotFound, StorageError
from lazaretto.journal import Journal
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Envelope,
    Event,
    EventKind,
    Finding,
    Kind,
    Properties,
    Reply,
    Severity,
    Status,
    new_id,
    now,
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite3", keep_days=90)
    journal.open()
    yield journal
    journal.close()


def event(kind: EventKind = EventKind.MESSAGE_PASSED, **more: Any) -> Event:
    envelope = Envelope(
        new_id(),
        "smtp",
        Direction.INBOUND,
        Address("from@example.net"),
        (Address("to@example.org"),),
        Can.REJECT,
        now(),
    )
    given: dict[str, Any] = {"envelope": envelope, "status": Status.CLEAN, "reply": Reply.ACCEPT, **more}
    return Event(given.pop("id", new_id()), given.pop("at", now()), "node", kind, **given)


async def test_what_is_recorded_comes_back_whole(journal: Journal) -> None:
    finding = Finding("patterns", "EICAR", Kind.MALWARE, Severity.CRITICAL, "1", ("offset 0",))
    sent = event(findings=(finding,), timings={"inspect": 0.5}, note="für dich")
    cursor = await journal.record(sent)
    assert await journal.after(0, 10) == [(cursor, sent)]
    assert journal.cursor == cursor


async def test_cursors_grow_and_followers_resume(journal: Journal) -> None:
    events = [event() for _ in range(20)]
    cursors = [await journal.record(each) for each in events]
    assert cursors == sorted(set(cursors))
    first = await journal.after(0, 7)
    rest = await journal.after(first[-1][0], 100)
    assert [each for _, each in first + rest] == events


async def test_an_event_twice_is_there_once(journal: Journal) -> None:
    one = event()
    cursors = await asyncio.gather(*(journal.record(one) for _ in range(5)))
    assert len(set(cursors)) == 1
    assert len(await journal.after(0, 10)) == 1


async def test_a_follower_is_woken_by_the_next_event(journal: Journal) -> None:
    waiting = [asyncio.create_task(journal.after(journal.cursor, 10, wait=30)) for _ in range(3)]
    await asyncio.sleep(0.1)
    assert not any(task.done() for task in waiting)
    began = time.monotonic()
    sent = event()
    await journal.record(sent)
    assert [[each for _, each in await task] for task in waiting] == [[sent]] * 3
    assert time.monotonic() - began < 5


async def test_a_follower_is_told_when_nothing_came(journal: Journal) -> None:
    began = time.monotonic()
    assert await journal.after(0, 10, wait=0.2) == []
    assert 0.15 < time.monotonic() - began < 5


async def test_a_page_is_bounded_by_bytes(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_BYTES", 1)
    for _ in range(3):
        await journal.record(event())
    assert len(await journal.after(0, 10)) == 1


async def test_messages_newest_first(journal: Journal) -> None:
    events = [event() for _ in range(5)]
    for each in events:
        await journal.record(each)
    await journal.record(event(EventKind.NODE_STARTED, envelope=None))
    await journal.record(event(EventKind.ITEM_RELEASED))
    assert [each for _, each in await journal.messages(limit=3)] == events[:1:-1]


async def test_messages_are_found_by_what_is_in_them(journal: Journal) -> None:
    artifact = ArtifactSummary("2/a.zip", ("Übersicht.zip",), "application/zip", "", "2", None, 1, 9, "0")
    finding = Finding("patterns", "Eicar-Test", Kind.MALWARE, Severity.CRITICAL)
    wanted = event(
        properties=Properties("Your October invoice", Address("boss@corp.example", "The Boss")),
        artifacts=(artifact,), findings=(finding,),
    )  # fmt: skip
    await journal.record(wanted)
    await journal.record(event(properties=Properties("50% off_now")))
    for query in (
        "october",
        "OCTOBER voice",
        "corp.example boss",
        "ubersicht",
        "eicar-",
        "to@example.org invoice",
        "oc",
    ):
        assert [each.id for _, each in await journal.messages(query=query)] == [wanted.id], query
    for query in ("september", '"', "october september", "%", "o_t", "xq"):
        assert wanted.id not in [each.id for _, each in await journal.messages(query=query)], query


async def test_messages_are_filtered(journal: Journal) -> None:
    base = datetime(2026, 11, 1, 12, tzinfo=UTC)
    events = [
        event(at=base + timedelta(hours=n), status=status, reply=reply, properties=Properties(f"subject {n}"))
        for n, (status, reply) in enumerate(
            [(Status.CLEAN, Reply.ACCEPT), (Status.INFECTED, Reply.DISCARD), (Status.INFECTED, Reply.REJECT)]
        )
    ]
    for each in events:
        await journal.record(each)

    async def found(**query: str) -> list[int]:
        return [events.index(each) for _, each in await journal.messages(**query)]  # type: ignore[arg-type]  # strings only

    assert await found(status="infected") == [2, 1]
    assert await found(reply="discard") == [1]
    assert await found(status="infected", reply="accept") == []
    assert await found(since="2026-11-01T13:00:00Z") == [2, 1]
    assert await found(until="2026-11-01T14:00:00+02:00") == [0]
    assert await found(since="2026-11-01T13:00:00Z", until="2026-11-01T13:00:00Z", query="subject") == [1]
    with pytest.raises(ControlError, match="since: 'yesterday'"):
        await found(since="yesterday")


async def test_one_message_is_its_latest_event(journal: Journal) -> None:
    first = event(EventKind.MESSAGE_DEFERRED)
    second = replace(first, id=new_id(), kind=EventKind.MESSAGE_HELD)
    third = replace(first, id=new_id(), kind=EventKind.ITEM_RELEASED)
    for each in (first, second, third, event()):
        await journal.record(each)
    assert first.envelope
    assert await journal.message(first.envelope.id) == second
    with pytest.raises(NotFound):
        await journal.message("nobody")


async def test_prune_removes_old_events_and_never_reuses_a_cursor(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PRUNE", 3)
    young = event(at=now() - timedelta(days=89), properties=Properties("young"))
    await journal.record(young)
    for _ in range(10):
        await journal.record(event(at=now() - timedelta(days=91), properties=Properties("old")))
    newest = journal.cursor
    assert await journal.prune() == 10
    assert [each for _, each in await journal.messages()] == [young]
    assert await journal.messages(query="old") == []
    assert await journal.record(event()) > newest


async def test_text_that_no_utf8_can_hold(journal: Journal) -> None:
    await journal.record(event(properties=Properties("caf\udce9\0 menu")))
    [(_, found)] = await journal.messages(query="menu")
    assert found.properties == Properties("caf?\0 menu")


async def test_cursor_after_reopening(tmp_path: Path) -> None:
    for n in range(1, 4):
        journal = Journal(tmp_path / "journal.sqlite3", keep_days=90)
        journal.open()
        await journal.record(event())
        assert journal.cursor == n
        journal.close()
    with pytest.raises(StorageError, match="closed"):
        await journal.record(event())


@pytest.mark.root
async def test_a_full_disk_is_told_to_every_caller_and_heals(tiny_disk: Path) -> None:
    journal = Journal(tiny_disk / "journal.sqlite3", keep_days=90)
    journal.open()
    try:
        kept = []
        noise = Random(1)
        while True:
            many = [event(note=noise.randbytes(8000).hex()) for _ in range(16)]
            results = await asyncio.gather(*map(journal.record, many), return_exceptions=True)
            kept += [each.id for each, result in zip(many, results, strict=True) if isinstance(result, int)]
            if any(isinstance(result, StorageError) for result in results):
                break
        assert kept
        subprocess.run(["mount", "-o", "remount,size=8m", tiny_disk], check=True)
        last = event()
        await journal.record(last)
        found: list[str] = []
        cursor = 0
        while page := await journal.after(cursor, 100):
            found += [each.id for _, each in page]
            cursor = page[-1][0]
        assert found == [*kept, last.id]
    finally:
        journal.close()


WRITER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_journal import event
from lazaretto.journal import Journal

async def caller(journal):
    while True:
        one = event()
        await journal.record(one)
        print(one.id, flush=True)

async def main():
    journal = Journal(Path(sys.argv[1]), keep_days=90)
    journal.open()
    await asyncio.gather(*(caller(journal) for _ in range(8)))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    path, chance = tmp_path / "journal.sqlite3", Random(7)
    acknowledged: list[str] = []
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(path), str(Path(__file__).parent)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        acknowledged.append(process.stdout.readline().strip())
        await asyncio.sleep(chance.random() / 5)
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [
            line.strip() for line in process.communicate()[0].splitlines(keepends=True) if line[-1] == "\n"
        ]
    journal = Journal(path, keep_days=90)
    journal.open()
    try:
        found: list[str] = []
        cursor = 0
        while page := await journal.after(cursor, 1000):
            found += [each.id for _, each in page]
            cursor = page[-1][0]
    finally:
        journal.close()
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found)) <= len(acknowledged) + 4 * 8
