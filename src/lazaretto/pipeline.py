"""The verb: inspect, decide, treat, carry out, record.  Read ``Pipeline._process`` and you know the program.

Every door calls ``process`` and gets a Decision; whatever happens in between, the answer is a Decision: what
cannot be inspected, kept or recorded now is deferred, never passed.
"""

from __future__ import annotations

import ipaddress
from asyncio import gather
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from time import perf_counter
from typing import Protocol

import structlog

from lazaretto.config import Organisation
from lazaretto.errors import Temporary
from lazaretto.journal import Journal
from lazaretto.model import (
    Address,
    Can,
    Decision,
    Delivery,
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
    Properties,
    Reply,
    Severity,
    Status,
    Step,
    Treatment,
    Verdict,
    new_id,
    now,
)
from lazaretto.pieces import Pieces
from lazaretto.plugin import Action, Case, Filter, Keeper
from lazaretto.policy.decide import decide
from lazaretto.policy.document import Document
from lazaretto.threads import Threads
from lazaretto.workers.pool import Pool

log = structlog.get_logger()

TRY_LATER = "The message cannot be checked right now, please try again later"
REFUSED = "The message was refused by the policy of this site"
DEFERRED = Decision(Reply.DEFER, text=TRY_LATER)
MOST_HOSTS = 200  # of the links of one message, in its event


class Stamps(Protocol):
    """Recognises mail that we released ourselves; gives the item's id and the bytes without the stamp."""

    async def verify(self, raw: bytes) -> tuple[str, bytes] | None: ...


class Pipeline:
    """One node's line; implements ``plugin.Line``.  ``document`` may be replaced at any time by a newer policy."""

    def __init__(
        self,
        *,
        node: str,
        organisation: Organisation,
        document: Document,
        actions: Mapping[str, Action],
        filters: Sequence[Filter],
        workers: Pool,
        keeper: Keeper,
        stamps: Stamps,
        journal: Journal,
        threads: Threads | None = None,
        observe: Callable[[Event], None] = lambda event: None,
    ) -> None:
        self.hostname = node
        self.document = document
        self._domains = tuple(domain.lower() for domain in organisation.domains)
        self._networks = organisation.networks
        self._actions, self._filters = actions, filters
        self._workers, self._keeper, self._stamps, self._journal = workers, keeper, stamps, journal
        self._observe = observe
        self._pieces, self._threads = Pieces(workers), threads

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        try:
            return await self._process(raw, envelope, priority)
        except Temporary as error:
            log.warning("deferred", id=envelope.id, door=envelope.door, why=str(error))
        except Exception:  # our bug must cost a delay, not a mail
            log.exception("deferred by an internal error", id=envelope.id, door=envelope.door)
        return DEFERRED

    async def _process(self, raw: bytes, envelope: Envelope, priority: Priority) -> Decision:
        if released := await self._stamps.verify(raw):
            return await self._pass_released(envelope, *released)
        began = perf_counter()
        inspection, looked_up = await gather(
            self._workers.inspect(raw, envelope, priority=priority), self._look_up(envelope)
        )
        if self._threads:
            inspection = await self._threads.again(raw, envelope, inspection, priority)
        inspection = await self._pieces.together(raw, envelope, inspection, priority)
        document = self.document  # the event names the one that decided, though a newer one come meanwhile
        verdicts = decide(document, envelope, inspection, looked_up, self._actions)
        treated = [await self._treat(raw, envelope, verdict, inspection) for verdict in verdicts]
        decision = self._conclude(treated)
        outcomes = [outcome for _, treatment in treated for outcome in treatment.outcomes]
        if decision.reply is not Reply.DEFER:  # it comes again, and is kept then
            for verdict in decision.verdicts:
                outcomes += await self._carry_out(Case(envelope, raw, inspection, verdict))
        timings = {**inspection.timings, "total": perf_counter() - began}
        findings = inspection.findings + looked_up
        event = Event(
            new_id(), now(), self.hostname, _kind(decision, outcomes), envelope, inspection.properties,
            status=replace(inspection, findings=findings).status, reply=decision.reply, artifacts=inspection.artifacts,
            findings=findings, verdicts=decision.verdicts, outcomes=tuple(outcomes), timings=timings,
            policy=document.version, patterns=inspection.patterns, hosts=_hosts(inspection),
        )  # fmt: skip
        await self._journal.record(event)
        self._pieces.decided(inspection, passed=decision.reply is Reply.ACCEPT)
        self._observe(event)
        return decision

    async def _look_up(self, envelope: Envelope) -> tuple[Finding, ...]:
        """What the filters learn from the network; a filter that fails says so and stops nobody."""
        answers = await gather(*(_ask(each, envelope) for each in self._filters))
        return tuple(finding for answer in answers for finding in answer)

    async def _treat(
        self, raw: bytes, envelope: Envelope, verdict: Verdict, inspection: Inspection
    ) -> tuple[Verdict, Treatment]:
        """Edits, in the sandbox.  One that fails never lets the threat through: the message is held instead, or
        deferred where the door cannot hold."""
        if all(type(self._actions[step.action]).edit is Action.edit for step in verdict.steps):
            return verdict, Treatment(None)
        treatment = await self._workers.treat(raw, verdict, inspection)
        if all(outcome.status is not Done.FAILED for outcome in treatment.outcomes):
            return verdict, treatment
        instead, done = ("quarantine", "held") if Can.HOLD in envelope.can else ("defer", "deferred")
        sentence = f"{verdict.sentence} That could not be done, so the message was {done} instead."
        return replace(verdict, steps=(Step(instead),), sentence=sentence), Treatment(None, treatment.outcomes)

    async def _carry_out(self, case: Case) -> list[Outcome]:
        """Effects outside the message, on disk when this returns."""
        outcomes: list[Outcome] = []
        for step in case.verdict.steps:
            outcomes += await self._actions[step.action].carry_out(case, step, self._keeper)
        return outcomes

    def _conclude(self, treated: Sequence[tuple[Verdict, Treatment]]) -> Decision:
        """One answer for the door.  Groups that get the same bytes become one delivery."""
        verdicts = tuple(verdict for verdict, _ in treated)
        replies = {self._reply(verdict) for verdict in verdicts}
        if Reply.DEFER in replies:
            return Decision(Reply.DEFER, (), verdicts, TRY_LATER)
        groups: dict[bytes | None, tuple[Address, ...]] = {}
        for verdict, treatment in treated:
            if self._reply(verdict) is Reply.ACCEPT:
                recipients = verdict.recipients
                for step in verdict.steps:
                    recipients = self._actions[step.action].reroute(step, recipients)
                groups[treatment.raw] = groups.get(treatment.raw, ()) + recipients
        if groups:
            deliveries = tuple(Delivery(tuple(dict.fromkeys(whom)), new) for new, whom in groups.items())
            return Decision(Reply.ACCEPT, deliveries, verdicts)
        if Reply.REJECT in replies:
            return Decision(Reply.REJECT, (), verdicts, REFUSED)
        return Decision(Reply.DISCARD, (), verdicts)

    def _reply(self, verdict: Verdict) -> Reply:
        asked = {self._actions[step.action].reply for step in verdict.steps}
        return next((reply for reply in (Reply.DEFER, Reply.REJECT, Reply.DISCARD) if reply in asked), Reply.ACCEPT)

    async def _pass_released(self, envelope: Envelope, item: str, raw: bytes) -> Decision:
        """Mail that a person has let go is not judged again; it leaves without our stamp."""
        kept = raw if Can.REPLACE in envelope.can else None
        event = Event(
            new_id(), now(), self.hostname, EventKind.MESSAGE_PASSED, envelope, Properties(size=len(raw)),
            status=Status.CLEAN, reply=Reply.ACCEPT, policy=self.document.version, item=item,
            note=f"released from the quarantine (item {item}), not inspected again",
        )  # fmt: skip
        await self._journal.record(event)
        return Decision(Reply.ACCEPT, (Delivery(envelope.recipients, kept),))

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        """From us (logged in, or from one of our networks) or not; to our domains or not.  Without configured
        domains everything is inbound: the careful reading."""
        if not self._domains or not (peer.auth or self._in_our_networks(peer.ip)):
            return Direction.INBOUND
        return Direction.INTERNAL if all(map(self._is_ours, recipients)) else Direction.OUTBOUND

    def _is_ours(self, address: Address) -> bool:
        return not address.domain or any(  # "postmaster" alone is whoever takes mail here: RFC 5321, 4.5.1
            address.domain == domain.lstrip(".") or (domain.startswith(".") and address.domain.endswith(domain))
            for domain in self._domains
        )

    def _in_our_networks(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


async def _ask(each: Filter, envelope: Envelope) -> Iterable[Finding]:
    try:
        return tuple(await each.look_up(envelope))
    except Exception as error:  # noqa: BLE001 - a stranger's name server must not decide whether mail flows
        return (Finding(each.name, "filter.failed", Kind.FAILED, Severity.INFORMATIONAL, evidence=(repr(error),)),)


def _kind(decision: Decision, outcomes: Iterable[Outcome]) -> EventKind:
    if decision.reply is Reply.DEFER:
        return EventKind.MESSAGE_DEFERRED
    if decision.reply is Reply.REJECT:
        return EventKind.MESSAGE_REJECTED
    if any(outcome.action == "quarantine" and outcome.item for outcome in outcomes):
        return EventKind.MESSAGE_HELD
    if decision.reply is Reply.DISCARD:
        return EventKind.MESSAGE_PURGED
    changed = any(delivery.raw is not None for delivery in decision.deliveries)
    return EventKind.MESSAGE_CHANGED if changed else EventKind.MESSAGE_PASSED


def _hosts(inspection: Inspection) -> tuple[str, ...]:
    """Whoever asks who got a link to a host asks the journal, which keeps no whole links: they are long, and name
    people."""
    hosts = dict.fromkeys(target.host for target in inspection.targets if target.host)
    return tuple(islice(hosts, MOST_HOSTS))
