"""The line with real parts: policy, actions, journal and vault; what runs in the sandbox runs here without one."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from lazaretto import treatment
from lazaretto.config import Loaded, Organisation, load
from lazaretto.errors import StorageError, WorkerError
from lazaretto.inspection import Inspector
from lazaretto.journal import Journal
from lazaretto.model import (
    Address,
    Can,
    Direction,
    Done,
    Envelope,
    Event,
    EventKind,
    Finding,
    Inspection,
    Kind,
    Outcome,
    Peer,
    Priority,
    Reply,
    Severity,
    Status,
    Step,
    Treatment,
    Verdict,
    new_id,
    now,
)
from lazaretto.pipeline import TRY_LATER, Pipeline
from lazaretto.plugin import Action, Draft, Filter
from lazaretto.policy import document
from lazaretto.vault.vault import Vault

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
CLEAN = b"Subject: clean\r\n\r\ntext\r\n"
BAD = (
    b"Subject: bad\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
    b'--b\r\nContent-Type: application/octet-stream; name="a.com"\r\n\r\n' + EICAR + b"\r\n--b--\r\n"
)
ALL = Can.REPORT | Can.REJECT | Can.REPLACE | Can.DELETE | Can.HOLD | Can.SPLIT
OURS = Organisation(domains=("example.org", ".sub.example"), networks=("192.0.2.0/24", "2001:db8::/32"))  # type: ignore[arg-type]  # pydantic reads them


class Desk:
    """What ``Pool`` does, in this process; may be told to fail."""

    # YARA's scanner must be dropped by the thread that made it, and the collector runs on any.
    kept: ClassVar[list[Inspector]] = []

    def __init__(self, loaded: Loaded, actions: dict[str, Action]) -> None:
        self._inspector, self._actions = Inspector(loaded), actions
        self.kept.append(self._inspector)
        self.version = self._inspector.version
        self.error: Exception | None = None
        self.priorities: list[Priority] = []

    async def inspect(self, raw: bytes, envelope: Envelope | None, *, name: str = "", priority: Priority) -> Inspection:
        if self.error:
            raise self.error
        self.priorities.append(priority)
        return self._inspector.inspect(raw, envelope, name)

    async def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment:
        again = lambda new: self._inspector.inspect(new, None)  # noqa: E731 - a name for one call would say less
        return treatment.treat(raw, verdict, inspection, self._actions, again)


class Break(Action):
    """An action of a third party that fails half way."""

    name = "break"
    needs = Can.REPLACE

    def edit(self, draft: Draft, step: Step, verdict: Verdict) -> Iterable[Outcome]:
        draft.add_header("X-Half", "done")
        raise ValueError("out of order")


class Asks(Filter):
    """Looks something up; fails, or says what it was told."""

    name = "asks"

    def __init__(self, *answers: Finding, error: Exception | None = None) -> None:
        self._answers, self._error = answers, error

    async def look_up(self, envelope: Envelope) -> Sequence[Finding]:
        await asyncio.sleep(0)
        if self._error:
            raise self._error
        return self._answers


class Rig:
    """A pipeline and what stands around it."""

    def __init__(self, folder: Path, policy: str = "", filters: Sequence[Filter] = ()) -> None:
        self.loaded = loaded = load(None, {"LAZARETTO_DATA_DIR": f'"{folder}"'})
        actions = {**treatment.build_actions(loaded), "break": Break(Break.Settings())}
        self.desk = Desk(loaded, actions)
        self.journal = Journal(folder / "journal.sqlite3", keep_days=1)
        self.journal.open()
        self.sent: list[bytes] = []
        self.vault = Vault(loaded.config, record=self.journal.record, send=self._send)
        self.vault.open()
        self.observed: list[Event] = []
        self.line = Pipeline(
            node="node.example",
            organisation=OURS,
            document=document.parse(f'version = "test"\n{policy}', actions),
            actions=actions,
            filters=filters,
            workers=cast(Any, self.desk),
            keeper=self.vault,
            stamps=self.vault,
            journal=self.journal,
            observe=self.observed.append,
        )

    async def _send(self, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
        self.sent.append(raw)

    def close(self) -> None:
        self.vault.close()
        self.journal.close()

    async def events(self) -> list[Event]:
        return [event for _, event in await self.journal.after(0, 100)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(*arguments: Any) -> Rig:
        made.append(Rig(tmp_path / str(len(made)), *arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


def envelope(*recipients: str, can: Can = ALL) -> Envelope:
    to = tuple(map(Address, recipients or ("bob@example.org",)))
    return Envelope(new_id(), "smtp", Direction.INBOUND, Address("alice@example.net"), to, can, now())


# ---------------------------------------------------------------------------- what comes of a message


async def test_clean_mail_keeps_its_bytes_and_is_written_down(rig: Any) -> None:
    ours = rig()
    about = envelope()
    decision = await ours.line.process(CLEAN, about, Priority.ON_ACCESS)
    assert (decision.reply, [each.raw for each in decision.deliveries]) == (Reply.ACCEPT, [None])
    (event,) = await ours.events()
    assert (event.kind, event.status, event.envelope) == (EventKind.MESSAGE_PASSED, Status.CLEAN, about)
    assert event.policy == ours.line.document.version
    assert event.patterns == ours.desk.version
    assert event.timings["total"] > 0
    assert ours.observed == [event]
    assert ours.desk.priorities == [Priority.ON_ACCESS]


async def test_hosts_of_links_are_written_down(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = rig()
    links = b"".join(b"https://h%d.example/%d http://h0.example/%d\r\n" % (n, n, n) for n in range(5))
    await ours.line.process(CLEAN + links, envelope(), Priority.DELIVERY)
    monkeypatch.setattr("lazaretto.pipeline.MOST_HOSTS", 2)
    await ours.line.process(CLEAN + links, envelope(), Priority.DELIVERY)
    every, few = await ours.events()
    assert every.hosts == ("h0.example", "h1.example", "h2.example", "h3.example", "h4.example")
    assert few.hosts == ("h0.example", "h1.example")


async def test_a_threat_is_taken_out_and_the_original_kept(rig: Any) -> None:
    ours = rig()
    decision = await ours.line.process(BAD, envelope())
    (delivery,) = decision.deliveries
    assert EICAR not in delivery.raw
    assert b"EICAR-Test-File" in delivery.raw
    (event,) = await ours.events()
    assert (event.kind, event.status) == (EventKind.MESSAGE_CHANGED, Status.INFECTED)
    (item,) = [outcome.item for outcome in event.outcomes if outcome.item]
    assert await ours.vault.read(item) == BAD


@pytest.mark.parametrize(
    ("action", "reply", "kind"),
    [
        ("quarantine", Reply.DISCARD, EventKind.MESSAGE_HELD),
        ("purge", Reply.DISCARD, EventKind.MESSAGE_PURGED),
        ("reject", Reply.REJECT, EventKind.MESSAGE_REJECTED),
        ("defer", Reply.DEFER, EventKind.MESSAGE_DEFERRED),
    ],
)
async def test_each_reply_has_its_event(rig: Any, action: str, reply: Reply, kind: EventKind) -> None:
    ours = rig(f'[[rule]]\nid = "r"\nwhat = {{ kind = "malware" }}\nthen = ["{action}"]')
    decision = await ours.line.process(BAD, envelope())
    assert (decision.reply, decision.deliveries) == (reply, ())
    assert "EICAR" not in decision.text  # strangers learn nothing
    (event,) = await ours.events()
    assert (event.kind, event.reply) == (kind, reply)


async def test_groups_with_equal_bytes_are_one_delivery(rig: Any) -> None:
    rules = "\n".join(
        f'[[rule]]\nid = "{name}"\nwho = {{ recipients = ["*@{name}.example"] }}\nthen = [{{ do = "tag", '
        f'value = "{value}" }}]'
        for name, value in (("one", "same"), ("two", "same"), ("three", "other"))
    )
    ours = rig(rules)
    decision = await ours.line.process(CLEAN, envelope("a@one.example", "b@two.example", "c@three.example", "d@x.y"))
    assert len(decision.verdicts) == 4
    got = {delivery.raw: [each.address for each in delivery.recipients] for delivery in decision.deliveries}
    assert sorted(got.values()) == [["a@one.example", "b@two.example"], ["c@three.example"], ["d@x.y"]]
    assert got[None] == ["d@x.y"]
    assert len(await ours.events()) == 1


async def test_who_is_redirected_twice_gets_it_once(rig: Any) -> None:
    ours = rig('[[rule]]\nid = "r"\nthen = [{ do = "redirect", to = "soc@example.org" }]')
    decision = await ours.line.process(CLEAN, envelope("a@x.y", "b@x.y"))
    assert [each.recipients for each in decision.deliveries] == [(Address("soc@example.org"),)]


# ---------------------------------------------------------------------------- what fails


@pytest.mark.parametrize("error", [WorkerError("the queue is full"), KeyError("a bug of ours")])
async def test_what_cannot_be_inspected_is_deferred(rig: Any, error: Exception) -> None:
    ours = rig()
    ours.desk.error = error
    decision = await ours.line.process(CLEAN, envelope())
    assert (decision.reply, decision.text, decision.deliveries) == (Reply.DEFER, TRY_LATER, ())
    ours.desk.error = None
    assert (await ours.line.process(CLEAN, envelope())).reply is Reply.ACCEPT


@pytest.mark.parametrize("error", [WorkerError("it died"), ZeroDivisionError()])
async def test_what_cannot_be_treated_is_deferred(rig: Any, monkeypatch: Any, error: Exception) -> None:
    async def fail(*_: object) -> Treatment:
        raise error

    ours = rig()
    monkeypatch.setattr(ours.desk, "treat", fail)
    assert (await ours.line.process(BAD, envelope())).reply is Reply.DEFER
    assert await ours.vault.items(state="") == ((), 0)


@pytest.mark.parametrize("part", ["journal", "vault"])
async def test_what_cannot_be_written_down_is_deferred(rig: Any, monkeypatch: Any, part: str) -> None:
    async def full(*_: object, **__: object) -> str:
        raise StorageError("no space left")

    ours = rig()
    with monkeypatch.context() as patch:
        patch.setattr(
            ours.journal if part == "journal" else ours.vault, "record" if part == "journal" else "hold", full
        )
        assert (await ours.line.process(BAD, envelope())).reply is Reply.DEFER
    assert ours.observed == []
    assert (await ours.line.process(BAD, envelope())).reply is Reply.ACCEPT
    assert len(await ours.events()) == 1


@pytest.mark.parametrize(
    ("can", "reply", "kind", "held"),
    [
        (ALL, Reply.DISCARD, EventKind.MESSAGE_HELD, 1),
        (ALL & ~Can.HOLD, Reply.DEFER, EventKind.MESSAGE_DEFERRED, 0),
    ],
)
async def test_an_edit_that_fails_lets_nothing_through(
    rig: Any, can: Can, reply: Reply, kind: EventKind, held: int
) -> None:
    ours = rig('[[rule]]\nid = "r"\nwhat = { kind = "malware" }\nthen = ["break"]')
    decision = await ours.line.process(BAD, envelope(can=can))
    assert (decision.reply, decision.deliveries) == (reply, ())
    (event,) = await ours.events()
    assert event.kind is kind
    assert event.outcomes[0].status is Done.FAILED
    assert "out of order" in event.outcomes[0].error
    assert "could not be done" in event.verdicts[0].sentence
    items = [outcome.item for outcome in event.outcomes if outcome.item]
    assert [await ours.vault.read(item) for item in items] == [BAD] * held


async def test_what_is_deferred_leaves_nothing_in_the_vault(rig: Any) -> None:
    ours = rig(
        '[[rule]]\nid = "a"\nwho = { recipients = ["a@*"] }\nwhat = { kind = "malware" }\nthen = ["quarantine"]\n'
        '[[rule]]\nid = "b"\nwho = { recipients = ["b@*"] }\nwhat = { kind = "malware" }\nthen = ["defer"]'
    )
    decision = await ours.line.process(BAD, envelope("a@x.y", "b@x.y"))
    assert decision.reply is Reply.DEFER
    assert (await ours.vault.items(state="")) == ((), 0)


async def test_the_event_names_the_policy_that_decided(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = rig()
    first, treat = ours.line.document.version, ours.desk.treat

    async def meanwhile(*given: Any) -> Treatment:
        ours.line.document = document.parse('version = "newer"', ours.line._actions)
        treatment: Treatment = await treat(*given)
        return treatment

    monkeypatch.setattr(ours.desk, "treat", meanwhile)
    await ours.line.process(BAD, envelope())
    (event,) = await ours.events()
    assert event.policy == first != ours.line.document.version


async def test_a_filter_that_fails_stops_nobody(rig: Any) -> None:
    found = Finding("asks", "listed", Kind.SPAM, Severity.LOW)
    ours = rig("", [Asks(error=TimeoutError("no name server")), Asks(found)])
    decision = await ours.line.process(CLEAN, envelope())
    assert decision.reply is Reply.ACCEPT
    (event,) = await ours.events()
    failed, listed = event.findings
    assert (failed.name, failed.kind, failed.severity) == ("filter.failed", Kind.FAILED, Severity.INFORMATIONAL)
    assert "no name server" in failed.evidence[0]
    assert listed == found
    assert event.status is Status.SUSPICIOUS  # what a look-up finds counts like everything else
    assert b"[SPAM]" in cast(bytes, decision.deliveries[0].raw)


# ---------------------------------------------------------------------------- what was let go


async def test_released_mail_passes_once_and_unjudged(rig: Any) -> None:
    ours = rig('[[rule]]\nid = "r"\nwhat = { kind = "malware" }\nthen = ["quarantine"]')
    await ours.line.process(BAD, envelope())
    ((item,), _) = await ours.vault.items()
    await ours.vault.release(item.id, (), "me")
    (stamped,) = ours.sent
    assert stamped.endswith(BAD)
    assert stamped != BAD
    ours.desk.error = AssertionError("it was inspected")
    decision = await ours.line.process(stamped, envelope())
    assert (decision.reply, [each.raw for each in decision.deliveries]) == (Reply.ACCEPT, [BAD])
    ours.desk.error = None
    event = (await ours.events())[-1]
    assert (event.kind, event.item) == (EventKind.MESSAGE_PASSED, item.id)
    assert "released" in event.note
    assert (await ours.line.process(stamped, envelope())).reply is Reply.DISCARD  # held again: a stamp serves once


async def test_released_mail_keeps_its_stamp_where_the_door_cannot_change_it(rig: Any) -> None:
    ours = rig('[[rule]]\nid = "r"\nwhat = { kind = "malware" }\nthen = ["quarantine"]')
    await ours.line.process(BAD, envelope())
    ((item,), _) = await ours.vault.items()
    await ours.vault.release(item.id, (), "me")
    decision = await ours.line.process(ours.sent[0], envelope(can=ALL & ~Can.REPLACE))
    assert [each.raw for each in decision.deliveries] == [None]


# ---------------------------------------------------------------------------- which way it goes

INSIDE, OUTSIDE = Peer(ip="192.0.2.7"), Peer(ip="198.51.100.1")


WAYS = [
    (OUTSIDE, ["a@example.org"], Direction.INBOUND),
    (OUTSIDE, ["a@elsewhere.example"], Direction.INBOUND),
    (Peer(ip="unknown"), ["a@example.org"], Direction.INBOUND),
    (INSIDE, ["a@EXAMPLE.org", "b@deep.sub.example", "c@sub.example", "postmaster"], Direction.INTERNAL),
    (Peer(ip="2001:db8::1"), ["a@example.org"], Direction.INTERNAL),
    (INSIDE, ["a@example.org", "b@elsewhere.example"], Direction.OUTBOUND),
    (INSIDE, ["a@notexample.org"], Direction.OUTBOUND),
    (INSIDE, ["a@notsub.example"], Direction.OUTBOUND),
    (replace(OUTSIDE, auth="alice"), ["a@elsewhere.example"], Direction.OUTBOUND),
]


def test_direction(rig: Any) -> None:
    line = rig().line
    for peer, recipients, direction in WAYS:
        found = line.direction(peer, Address("x@example.org"), tuple(map(Address, recipients)))
        assert found is direction, (peer, recipients)


def test_without_domains_everything_is_inbound(rig: Any) -> None:
    line = rig().line
    line._domains = ()
    assert line.direction(INSIDE, Address(""), [Address("a@example.org")]) is Direction.INBOUND


# ---------------------------------------------------------------------------- a message that comes in pieces

PASSES = '[[rule]]\nid = "pieces"\nwhat = { name = "mime.partial" }\nthen = ["deliver"]'
HEAD = b"Subject: whole\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def in_pieces(payload: bytes, id: bytes = b"x@y") -> list[bytes]:
    coded = base64.b64encode(payload)
    cut = len(coded) // 2
    return [piece(1, HEAD + coded[:cut] + b"\r\n", id), piece(2, coded[cut:] + b"\r\n", id)]


def piece(number: int, body: bytes, id: bytes = b"x@y") -> bytes:
    outer = (
        b"Subject: piece %d\r\nMIME-Version: 1.0\r\nContent-Type: message/partial; id=%s; number=%d; total=2\r\n\r\n"
    )
    return outer % (number, id, number) + body


async def test_the_piece_that_completes_a_threat_is_stopped(rig: Any) -> None:
    ours = rig(PASSES)
    for order in (0, 1), (1, 0):
        pieces = in_pieces(EICAR, b"%d" % order[0])
        assert (await ours.line.process(pieces[order[0]], envelope())).reply is Reply.ACCEPT
        about = envelope()
        decision = await ours.line.process(pieces[order[1]], about)
        assert decision.reply is Reply.DISCARD  # there is no part to take out: the whole mail is held
        first, event = (await ours.events())[-2:]
        assert (event.kind, event.status) == (EventKind.MESSAGE_HELD, Status.INFECTED)
        (threat,) = [each for each in event.findings if each.kind is Kind.MALWARE]
        assert threat.artifact.startswith("~pieces/1/")
        assert first.envelope.id in threat.evidence[0]
        assert about.id in threat.evidence[0]


async def test_names_in_the_joined_message_reach_the_rules(rig: Any) -> None:
    ours = rig(PASSES + '\n[[rule]]\nid = "exe"\nwhat = { artifact = "*.exe" }\nthen = ["quarantine"]')
    begin = piece(1, b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
    end = piece(2, b'--b\r\nContent-Type: text/plain; name="a.exe"\r\n\r\nx\r\n--b--\r\n')
    assert (await ours.line.process(begin, envelope())).reply is Reply.ACCEPT
    assert (await ours.line.process(end, envelope())).reply is Reply.DISCARD


async def test_a_harmless_message_in_pieces_is_no_limit_once_it_has_been_seen(rig: Any) -> None:
    ours = rig(PASSES)
    for raw in in_pieces(b"harmless"):
        assert (await ours.line.process(raw, envelope())).reply is Reply.ACCEPT
    first, last = await ours.events()
    assert (first.status, last.status) == (Status.UNSCANNABLE, Status.CLEAN)
    (finding,) = [each for each in last.findings if each.name == "mime.partial"]
    assert finding.severity is Severity.INFORMATIONAL
    assert "inspected together" in finding.evidence[-1]
    assert len(ours.desk.priorities) == 3


async def test_by_default_every_piece_is_held_and_the_last_says_what_it_makes(rig: Any) -> None:
    ours = rig()
    for raw in in_pieces(b"harmless"):
        assert (await ours.line.process(raw, envelope())).reply is Reply.DISCARD
    _, last = await ours.events()
    (finding,) = [each for each in last.findings if each.name == "mime.partial"]
    assert finding.severity is Severity.MEDIUM
    assert "inspected together" in finding.evidence[-1]


async def test_what_does_not_come_to_be_inspected_together_is_deferred(rig: Any, monkeypatch: Any) -> None:
    ours = rig(PASSES)
    one, two = in_pieces(EICAR)
    await ours.line.process(one, envelope())
    inspect = ours.desk.inspect

    async def busy(raw: bytes, envelope: Envelope | None, **more: Any) -> Inspection:
        if envelope is None:
            raise WorkerError("the queue is full")
        done: Inspection = await inspect(raw, envelope, **more)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(ours.desk, "inspect", busy)
        assert (await ours.line.process(two, envelope())).reply is Reply.DEFER
    assert (await ours.line.process(two, envelope())).reply is Reply.DISCARD


async def test_a_mail_without_pieces_costs_one_inspection(rig: Any) -> None:
    ours = rig(PASSES)
    await ours.line.process(CLEAN, envelope())
    assert len(ours.desk.priorities) == 1
