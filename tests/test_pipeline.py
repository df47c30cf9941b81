from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazaretto import config
from lazaretto.errors import StorageError, WorkerError
from lazaretto.journal import Journal
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Done,
    Envelope,
    EventKind,
    Finding,
    Inspection,
    Kind,
    Outcome,
    Peer,
    Properties,
    Reply,
    Severity,
    Treatment,
    new_id,
    now,
)
from lazaretto.pipeline import Pipeline
from lazaretto.policy import document
from lazaretto.treatment import build_actions

ACTIONS = build_actions(config.load(None, {}))
RAW = b"Subject: x\r\n\r\nx\r\n"
EVERYTHING = Can.REPORT | Can.REJECT | Can.REPLACE | Can.DELETE | Can.HOLD
THREAT = Finding("patterns", "EICAR", Kind.MALWARE, Severity.HIGH, "1/f")


def envelope(can: Can = EVERYTHING) -> Envelope:
    return Envelope(
        new_id(), "smtp", Direction.INBOUND, Address("a@x.example"), (Address("b@y.example"),), can, now(), Peer()
    )


def seen(*findings: Finding) -> Inspection:
    artifact = ArtifactSummary("1/f", ("f",), "application/zip", "", "1", None, 0, 2, "0" * 64)
    return Inspection(Properties(), (artifact,), findings, "p1")


class Parts:
    """What stands around the line, with answers that a test sets: workers, vault, stamps."""

    def __init__(self, inspection: Inspection) -> None:
        self.inspection = inspection
        self.treatment = Treatment(b"new", (Outcome("strip", Done.DONE, "1/f"),))
        self.meanwhile: Callable[[], None] = lambda: None
        self.trouble: dict[str, Exception] = {}
        self.held: list[str] = []
        self.released: tuple[str, bytes] | None = None

    def _meet(self, where: str) -> None:
        if where in self.trouble:
            raise self.trouble[where]

    async def inspect(self, raw: bytes, *_: Any, **__: Any) -> Inspection:
        self._meet("inspect")
        return self.inspection

    async def treat(self, *_: Any) -> Treatment:
        self._meet("treat")
        return self.treatment

    async def hold(self, case: Any, *, purpose: str, artifact: str | None = None) -> str:
        self._meet("hold")
        self.meanwhile()
        self.held.append(purpose)
        return new_id()

    async def verify(self, raw: bytes) -> tuple[str, bytes] | None:
        return self.released


@pytest.fixture
def journal(tmp_path: Path) -> Any:
    journal = Journal(tmp_path / "journal.sqlite3", keep_days=1)
    journal.open()
    yield journal
    journal.close()


def line(parts: Any, journal: Journal) -> Pipeline:
    return Pipeline(
        node="n.example",
        organisation=config.Organisation(),
        document=document.load(None, ACTIONS),
        actions=ACTIONS,
        filters=(),
        workers=parts,
        keeper=parts,
        stamps=parts,
        journal=journal,
    )


async def test_clean_mail_passes_with_its_own_bytes(journal: Journal) -> None:
    decision = await line(Parts(seen()), journal).process(RAW, envelope())
    assert (decision.reply, decision.deliveries[0].raw) == (Reply.ACCEPT, None)


async def test_a_threat_is_taken_out_and_the_original_kept(journal: Journal) -> None:
    parts = Parts(seen(THREAT))
    decision = await line(parts, journal).process(RAW, envelope())
    assert (decision.reply, decision.deliveries[0].raw, parts.held) == (Reply.ACCEPT, b"new", ["backup"])


@pytest.mark.parametrize(
    ("can", "reply", "held"),
    [(EVERYTHING, Reply.DISCARD, ["quarantine"]), (EVERYTHING & ~Can.HOLD, Reply.DEFER, [])],
)
async def test_an_edit_that_fails_lets_nothing_through(
    journal: Journal, can: Can, reply: Reply, held: list[str]
) -> None:
    parts = Parts(seen(THREAT))
    parts.treatment = Treatment(None, (Outcome("strip", Done.FAILED, error="x"),))
    decision = await line(parts, journal).process(RAW, envelope(can))
    assert (decision.reply, decision.deliveries, parts.held) == (reply, (), held)


@pytest.mark.parametrize("error", [WorkerError("x"), StorageError("x"), ZeroDivisionError()])
@pytest.mark.parametrize("where", ["inspect", "treat", "hold"])
async def test_whatever_breaks_defers(journal: Journal, where: str, error: Exception) -> None:
    parts = Parts(seen(THREAT))
    parts.trouble[where] = error
    assert (await line(parts, journal).process(RAW, envelope())).reply is Reply.DEFER


async def test_what_cannot_be_recorded_is_deferred(journal: Journal) -> None:
    journal.close()
    assert (await line(Parts(seen()), journal).process(RAW, envelope())).reply is Reply.DEFER


async def test_released_mail_leaves_without_its_stamp(journal: Journal) -> None:
    parts = Parts(seen(THREAT))
    parts.released = ("item", b"old")
    decision = await line(parts, journal).process(RAW, given := envelope())
    assert decision.deliveries[0].raw == b"old"
    assert (await journal.message(given.id)).kind is EventKind.MESSAGE_PASSED


async def test_the_event_names_the_policy_that_decided(journal: Journal) -> None:
    parts = Parts(seen(THREAT))
    pipeline = line(parts, journal)
    first = pipeline.document.version

    def replaced() -> None:
        pipeline.document = document.parse('version = "newer"', ACTIONS, Path("p.toml"))

    parts.meanwhile = replaced
    await pipeline.process(RAW, given := envelope())
    assert (await journal.message(given.id)).policy == first != pipeline.document.version


def test_directions(journal: Journal) -> None:
    pipeline = line(Parts(seen()), journal)
    pipeline._domains = ("y.example", ".z.example")
    ours, theirs = (Address("b@y.example"), Address("c@deep.z.example")), (Address("a@x.example"),)
    assert pipeline.direction(Peer("192.0.2.1"), theirs[0], ours) is Direction.INBOUND
    assert pipeline.direction(Peer("127.0.0.1"), ours[0], theirs) is Direction.OUTBOUND
    assert pipeline.direction(Peer("192.0.2.1", auth="bob"), ours[0], ours) is Direction.INTERNAL
    assert pipeline.direction(Peer("no address"), ours[0], ours) is Direction.INBOUND
