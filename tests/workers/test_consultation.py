from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

import pytest

from lazaretto import config
from lazaretto.model import Artifact, Finding, Inspection, Kind, Properties, Severity
from lazaretto.remote.engine import RemoteEngine, RemoteSettings
from lazaretto.testing import envelope
from lazaretto.workers import consultation, wire
from lazaretto.workers.consultation import MOST_FAILURES, MOST_FINDINGS, Consultation, Consultations

NOTHING = Inspection(Properties(), (), (), "")


class Slow(RemoteEngine):
    """Finds content that begins with "bad"; "wait N" takes N seconds, "fail" fails, "bug" raises."""

    name: ClassVar[str] = "slow"

    def __init__(self, **settings: object) -> None:
        super().__init__(RemoteSettings.model_validate({"servers": ["x"], **settings}))
        self.seen: list[bytes] = []

    async def examine(self, artifact: Artifact) -> Iterable[Finding]:
        self.seen.append(artifact.data)
        assert artifact.sha256 == hashlib.sha256(artifact.data).hexdigest()
        word, _, rest = artifact.data.decode().partition(" ")
        if word == "wait":
            await asyncio.sleep(float(rest))
        if word == "bug":
            raise ZeroDivisionError
        if word == "fail":
            return (self.unanswered("dead"),)
        return (Finding(self.name, word, Kind.MALWARE, Severity.HIGH),) if word == "bad" else ()


def hand(data: bytes, *paths: str) -> wire.Hand:
    return wire.Hand(("slow",), paths or ("1",), "name", "text/plain", data)


def run(
    work: Callable[[Consultations, Consultation, Slow], Awaitable[None]], raw: bytes = b"", **settings: object
) -> None:
    async def main() -> None:
        engine = Slow(**settings)
        all_ = Consultations([engine], config.Unpack(count=20, total_bytes=2000))
        opened = all_.open(raw, envelope())
        await work(all_, opened, engine)
        await asyncio.sleep(0.01)
        assert all_.waiting == 0

    asyncio.run(main())


def test_every_path_gets_what_is_said_of_its_content() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        opened.take(hand(b"bad", "1", "2/a.zip!b"))
        opened.take(hand(b"good", "3"))
        found = await opened.join(NOTHING)
        assert [(each.name, each.artifact) for each in found.findings] == [("bad", "1"), ("bad", "2/a.zip!b")]
        assert "engine.slow" in found.timings

    run(work)


def test_whoever_hands_out_too_much_or_for_nobody_is_no_honest_worker() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        with pytest.raises(ValueError, match="no engine"):
            opened.take(wire.Hand(("other",), ("1",), "", "", b"x"))
        opened.take(hand(b"good"))  # of it nothing is served any more
        await opened.join(NOTHING)
        assert not engine.seen

    async def large(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        with pytest.raises(ValueError, match="more than"):
            opened.take(hand(bytes(2001)))
        await opened.join(NOTHING)
        assert not engine.seen

    async def many(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        for _ in range(21):
            opened.take(hand(b"good"))
        with pytest.raises(ValueError, match="more than"):
            opened.take(hand(b"good"))
        await opened.join(NOTHING)

    run(work)
    run(large)
    run(many)


def test_what_is_late_is_said_once() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        for data in (b"wait 5", b"wait 6", b"bad"):
            opened.take(hand(data))
        late, found = sorted((await opened.join(NOTHING)).findings, key=lambda each: each.severity)
        assert (late.name, late.kind) == ("slow.failed", Kind.FAILED)
        assert late.evidence == ("2 artifacts not judged within 0.2 seconds",)
        assert found.name == "bad"

    run(work, deadline=0.2)


def test_failures_do_not_fill_the_journal() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        for number in range(10):
            opened.take(hand(b"fail", str(number)))
        opened.take(hand(b"bug", "z"))
        findings = (await opened.join(NOTHING)).findings
        assert [each.kind for each in findings] == [Kind.FAILED] * (MOST_FAILURES + 1)
        assert (findings[-1].artifact, findings[-1].evidence) == (None, ("8 more artifacts were not judged",))

    run(work)


def test_findings_are_bounded() -> None:
    said = [Finding("slow", f"n{number}", Kind.SPAM, Severity.LOW, artifact="1") for number in range(MOST_FINDINGS)]
    worst = Finding("slow", "worst", Kind.MALWARE, Severity.CRITICAL, artifact="1")
    kept = consultation._bounded([*said, worst])
    assert len(kept) == MOST_FINDINGS + 1
    assert kept[0] is worst
    assert (kept[-1].name, kept[-1].kind) == ("limit.findings", Kind.LIMIT)


def test_another_worker_begins_anew() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        opened.take(hand(b"bad"))
        opened.take(hand(b"wait 30"))
        await asyncio.sleep(0.05)
        opened.restart()
        opened.take(hand(b"bad"))
        assert [each.name for each in (await opened.join(NOTHING)).findings] == ["bad"]

    run(work)


def test_the_whole_message_where_it_is_asked_for() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        assert [each.artifact for each in (await opened.join(NOTHING)).findings] == [None]

    async def in_a_part(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        opened.take(hand(b"bad"))
        assert [each.artifact for each in (await opened.join(NOTHING)).findings] == ["1"]

    async def large(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        assert [each.kind for each in (await opened.join(NOTHING)).findings] == [Kind.LIMIT]

    run(work, b"bad message", message=True)
    run(in_a_part, b"bad message", message=True)
    run(large, bytes(2000), message=True, max_bytes=1024)


def test_workers_wait_while_too_much_waits_for_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consultation, "ROOM", 10)

    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        told: list[str] = []
        opened.take(hand(b"wait 0.05"))
        assert not opened.crowded(lambda: told.append("a"))
        opened.take(hand(b"wait 0.05"))
        assert opened.crowded(lambda: told.append("b"))
        assert not told
        await opened.join(NOTHING)
        await asyncio.sleep(0)
        assert told == ["b"]

    run(work)


def test_nobody_to_ask() -> None:
    async def main() -> None:
        opened = Consultations([], config.Unpack()).open(b"", envelope())
        assert await opened.join(NOTHING) is NOTHING

    asyncio.run(main())


def test_it_moves_to_the_engines_of_the_worker_that_gets_the_message() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        await asyncio.sleep(0)
        others = Consultations([], config.Unpack())
        opened.move(others)
        with pytest.raises(ValueError, match="no engine"):
            opened.take(hand(b"bad"))
        opened.move(all_)
        opened.take(hand(b"bad"))
        assert [each.name for each in (await opened.join(NOTHING)).findings] == ["bad"]
        assert engine.seen == [b"bad message", b"bad message", b"bad"]
        assert others.waiting == 0

    run(work, b"bad message", message=True)


def test_another_worker_has_the_whole_time() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        opened.take(hand(b"wait 30"))
        await asyncio.sleep(0.3)
        opened.restart()
        opened.take(hand(b"wait 0.3"))
        assert not (await opened.join(NOTHING)).findings

    run(work, deadline=0.5)


def test_who_is_cancelled_leaves_nothing() -> None:
    async def work(all_: Consultations, opened: Consultation, engine: Slow) -> None:
        opened.take(hand(b"wait 30"))
        joining = asyncio.create_task(opened.join(NOTHING))
        await asyncio.sleep(0.05)
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)
        opened.take(hand(b"bad"))  # a worker that is still at it
        assert engine.seen == [b"wait 30"]
        await asyncio.sleep(0)

    run(work)
