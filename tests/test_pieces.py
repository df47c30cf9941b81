"""What is kept of mails that are pieces of a message, for how long, and what comes of it when all are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from lazaretto import pieces
from lazaretto.config import load
from lazaretto.inspection import Inspector
from lazaretto.model import (
    Address,
    ArtifactSummary,
    Can,
    Direction,
    Envelope,
    Finding,
    Inspection,
    Kind,
    Priority,
    Properties,
    Severity,
    new_id,
    now,
)
from lazaretto.pieces import Pieces

FOUND = Finding("patterns", "Threat", Kind.MALWARE, Severity.CRITICAL, "~joined/part.eml!part.bin", ("at 7",))
FILE = ArtifactSummary("~joined/part.eml!part.bin", ("a.exe",), "t", "", "", "~joined/part.eml", 2, 3, "sha")
JOINED = ArtifactSummary("~joined/part.eml", (), "message/rfc822", "", "", None, 1, 3, "sha")


class Workers:
    """Answers every request for several mails together in the same way."""

    def __init__(self, *findings: Finding) -> None:
        self.findings: Sequence[Finding] = findings
        self.artifacts: tuple[ArtifactSummary, ...] = (JOINED, FILE)
        self.asked: list[bytes] = []

    async def inspect(self, raw: bytes, envelope: None, *, name: str, priority: Priority) -> Inspection:
        assert name == "pieces.eml"
        self.asked.append(raw)
        return Inspection(Properties(), self.artifacts, tuple(self.findings), "p")


class Rig:
    def __init__(self, *findings: Finding) -> None:
        self.workers, self.time = Workers(*findings), 0.0
        self.pieces = Pieces(cast(Any, self.workers), lambda: self.time)

    async def come(
        self, number: int, *, total: int = 2, id: str = "x", digest: str = "", raw: bytes = b"", passed: bool = True
    ) -> Inspection:
        evidence = f"piece {number} of {total or '?'}, {(digest or str(number)) * 32:.32}, of {id}"
        own = (Finding("unpack", "mime.partial", Kind.LIMIT, Severity.MEDIUM, evidence=(evidence,)),)
        done = await self.pieces.together(
            raw or b"raw %d" % number, envelope(), Inspection(Properties(), (), own, "p"), Priority.DELIVERY
        )
        self.pieces.decided(done, passed=passed)
        return done


def envelope() -> Envelope:
    to = (Address("b@c.example"),)
    return Envelope(new_id(), "smtp", Direction.INBOUND, Address("a@b.example"), to, Can.REPORT, now())


@pytest.fixture
def rig() -> Callable[..., Rig]:
    return Rig


async def test_what_they_make_is_found_in_the_last(rig: Callable[..., Rig]) -> None:
    ours = rig(FOUND)
    assert (await ours.come(2)).findings[0].severity is Severity.MEDIUM
    assert ours.workers.asked == []
    done = await ours.come(1)
    waits, threat = done.findings
    assert waits.severity is Severity.INFORMATIONAL
    assert (threat.name, threat.artifact) == ("Threat", "~pieces/1/part.eml!part.bin")
    assert "2 mails" in threat.evidence[0]
    assert threat.evidence[1] == "at 7"
    outer, file = done.artifacts
    assert (file.path, file.parent, file.part, file.names) == (threat.artifact, outer.path, "", ("a.exe",))
    (bundle,) = ours.workers.asked
    assert b"\r\nraw 1\r\n" in bundle
    assert b"\r\nraw 2\r\n" in bundle


async def test_the_same_piece_twice_counts_once(rig: Callable[..., Rig]) -> None:
    ours = rig()
    await ours.come(1, raw=b"first try")
    await ours.come(1, raw=b"Received: later\r\nfirst try")
    assert ours.workers.asked == []
    await ours.come(2)
    await ours.come(2, raw=b"again")
    assert [bundle.count(b"message/rfc822") for bundle in ours.workers.asked] == [2, 2]
    assert b"later" not in ours.workers.asked[0]


async def test_the_finding_stays_while_another_piece_is_held(rig: Callable[..., Rig]) -> None:
    ours = rig()
    await ours.come(1, passed=False)
    (finding,) = (await ours.come(2)).findings
    assert finding.severity is Severity.MEDIUM
    assert "inspected together" in finding.evidence[-1]
    await ours.come(1, passed=True)
    assert (await ours.come(2)).findings[0].severity is Severity.INFORMATIONAL


WAITS = Finding("unpack", "mime.partial", Kind.LIMIT, Severity.MEDIUM, "1/a", (f"piece 1 of 3, {'a' * 32}, of x",))
UNNAMED = Finding("unpack", "mime.partial", Kind.LIMIT, Severity.MEDIUM, None, ("7 more pieces of messages",))
DEEP = Finding("unpack", "limit.depth", Kind.LIMIT, Severity.MEDIUM, "2/part.eml!a.zip")
DIED = Finding("workers", "worker.died", Kind.FAILED, Severity.HIGH)


@pytest.mark.parametrize(("finding", "told"), [(WAITS, 0), (UNNAMED, 0), (DEEP, 0), (DIED, 1)])
async def test_the_finding_stays_when_not_everything_was_seen(
    rig: Callable[..., Rig], finding: Finding, told: int
) -> None:
    ours = rig(finding)
    await ours.come(1)
    findings = (await ours.come(2)).findings
    assert (findings[0].severity, findings[0].evidence[1:]) == (Severity.MEDIUM, ())
    assert [each.name for each in findings[1:]] == [finding.name] * told


async def test_the_finding_stays_when_nothing_was_joined(rig: Callable[..., Rig]) -> None:
    ours = rig()
    ours.workers.artifacts = ()
    await ours.come(1)
    assert (await ours.come(2)).findings[0].severity is Severity.MEDIUM


async def test_another_piece_of_a_known_number_is_joined_too(rig: Callable[..., Rig]) -> None:
    ours = rig()
    await ours.come(1)
    await ours.come(2)
    await ours.come(1, digest="b", raw=b"another first", id="x")
    assert [bundle.count(b"message/rfc822") for bundle in ours.workers.asked] == [2, 3]


async def test_pieces_of_other_messages_do_not_count(rig: Callable[..., Rig]) -> None:
    ours = rig()
    await ours.come(1, id="x")
    await ours.come(2, id="y")
    assert ours.workers.asked == []


async def test_they_are_forgotten_after_a_week(rig: Callable[..., Rig]) -> None:
    ours = rig()
    await ours.come(1)
    ours.time = pieces.MAX_AGE + 1
    await ours.come(2)
    assert ours.workers.asked == []
    assert len(ours.pieces._sets["x"].pieces) == 1


async def test_the_least_recently_used_go_first(rig: Callable[..., Rig]) -> None:
    ours = rig()
    for number in range(pieces.MAX_IDS):
        await ours.come(1, id=f"id{number}")
    await ours.come(1, id="id0")
    await ours.come(1, id="one more")
    assert list(ours.pieces._sets)[:2] == ["id2", "id3"]
    await ours.come(2, id="id0")
    await ours.come(2, id="id1")
    assert len(ours.workers.asked) == 1


async def test_memory_is_bounded(rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_BYTES", 100_000)
    ours = rig()
    for number in range(10):
        await ours.come(1, id=f"id{number}", raw=bytes(30_000))
        assert ours.pieces._size == sum(each.size for each in ours.pieces._sets.values()) <= 100_000
    assert list(ours.pieces._sets) == ["id7", "id8", "id9"]
    await ours.come(1, id="huge", raw=bytes(200_000))
    assert (list(ours.pieces._sets), ours.pieces._size) == ([], 0)
    await ours.come(1, id="small")
    for number in range(200):
        await ours.come(2, id="small", digest=f"{number:032x}", total=0)
    assert ours.pieces._size <= 100_000


async def test_one_message_is_not_inspected_without_end(rig: Callable[..., Rig]) -> None:
    ours = rig()
    await ours.come(1)
    for number in range(pieces.MAX_TRIES + 3):
        done = await ours.come(2, digest=f"{number:032x}")
    assert len(ours.workers.asked) == pieces.MAX_TRIES
    assert [each.name for each in done.findings] == ["mime.partial", "mime.partial-conflict"]
    assert all(each.severity is Severity.MEDIUM for each in done.findings)


async def test_one_mail_does_not_drive_out_all_others(rig: Callable[..., Rig]) -> None:
    ours = rig()
    own = tuple(
        Finding("unpack", "mime.partial", Kind.LIMIT, Severity.MEDIUM, evidence=(f"piece 1 of 2, {'a' * 32}, of {n}",))
        for n in range(50)
    )
    await ours.pieces.together(b"raw", envelope(), Inspection(Properties(), (), own, "p"), Priority.DELIVERY)
    assert len(ours.pieces._sets) == pieces.MAX_IDS_OF_ONE


async def test_a_finding_of_that_name_by_somebody_else_is_none(rig: Callable[..., Rig]) -> None:
    ours = rig()
    for source, evidence in (("other", (WAITS.evidence[0],)), ("unpack", ()), ("unpack", ("nothing to read",))):
        own = (Finding(source, "mime.partial", Kind.LIMIT, Severity.MEDIUM, evidence=evidence),)
        before = Inspection(Properties(), (), own, "p")
        assert await ours.pieces.together(b"raw", envelope(), before, Priority.DELIVERY) is before
    assert not ours.pieces._sets


async def test_bytes_that_look_like_the_seam_between_two_mails(tmp_path: Any) -> None:
    """With the real inspection: a mail with delimiters, lines of an mbox and an open multipart in it."""
    inspector = Inspector(load(None, {"LAZARETTO_DATA_DIR": f'"{tmp_path}"'}))

    class Desk:
        async def inspect(self, raw: bytes, envelope: None, *, name: str, priority: Priority) -> Inspection:
            return inspector.inspect(raw, envelope, name)

    ours = Pieces(cast(Any, Desk()))
    threat = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$H+H*"
    outer = b"Subject: p\r\nMIME-Version: 1.0\r\nContent-Type: message/partial; id=x; number=%d; total=2\r\n\r\n"
    first = (
        b"Subject: whole\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        b"From a@b Tue Nov  3 10:00:00 2026\r\n--pieces-0\r\n--b\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    for number, body in enumerate((first + threat[0] + b"=\r\n", threat[1] + b"\r\n--b--\r\n"), 1):
        raw = outer % number + body
        about = envelope()
        done = await ours.together(raw, about, inspector.inspect(raw, about), Priority.DELIVERY)
        assert any(each.kind is Kind.MALWARE for each in done.findings) is (number == 2)
