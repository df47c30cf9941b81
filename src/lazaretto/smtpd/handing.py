"""Handing a message on: what a decision means for the next hop, and what the peer is told about it.

With one group of recipients the transaction that the peer's own MAIL and RCPT opened takes the message.  With
several, every group's envelope is opened first, each over a connection of its own, and only when the next hop
has accepted them all the messages follow, one after the other.  Then only a failure in the middle of the data
itself can leave some groups served and others not; an SMTP peer is then told to try again, and the groups served
get the message twice.  (An LMTP peer hears of each recipient, so nothing is ever sent twice.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import structlog

from lazaretto.errors import NextHopError
from lazaretto.model import Decision
from lazaretto.model import Reply as Word
from lazaretto.nexthop import NextHop, Transaction
from lazaretto.protocols.smtp.command import Mail, Recipient
from lazaretto.protocols.smtp.reply import Reply

log = structlog.get_logger("smtpd")

UNREACHABLE = Reply.of("451 4.4.1 Cannot hand it on now, try again later")


@dataclass(frozen=True, slots=True)
class Group:
    """The same bytes for these recipients."""

    recipients: tuple[Recipient, ...]
    mail: Mail
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Handing:
    """``transaction`` stands before DATA, with the recipients the next hop has accepted.  ``gone`` says whether
    the peer has hung up: then nothing is sent any more, because it will come again."""

    next_hop: NextHop
    transaction: Transaction
    mail: Mail
    client: Mapping[str, str]
    id: str
    gone: Callable[[], bool]
    lmtp: bool = False

    async def carry_out(self, decision: Decision, raw: bytes) -> list[Reply]:
        """One reply for each accepted recipient, in order; on an SMTP door they are all the same."""
        count = len(self.transaction.accepted)
        if decision.reply is Word.ACCEPT and decision.deliveries:
            groups = self._groups(decision, raw)
            return await self._one(groups[0]) if self._same(groups) else await self._several(groups)
        await self.transaction.abort()
        text = decision.text
        match decision.reply:
            case Word.REJECT:
                reply = Reply(550, (f"5.7.1 {text or 'Message refused'}",))
            case Word.DISCARD:
                reply = Reply(250, (f"2.0.0 Ok: {self.id}",))
            case _:
                reply = Reply(451, (f"4.7.1 {text or 'Try again later'}",))
        return [reply] * count

    # ------------------------------------------------------------------------ inside

    def _groups(self, decision: Decision, raw: bytes) -> list[Group]:
        known = {recipient.address: recipient for recipient in self.transaction.accepted}
        groups = []
        for delivery in decision.deliveries:
            new = raw if delivery.raw is None else delivery.raw
            recipients = tuple(
                known.get(each.address, Recipient("RCPT", address=each.address)) for each in delivery.recipients
            )
            mail = self.mail if delivery.raw is None else replace(self.mail, body=self._body(new))
            if not all(each.address.isascii() for each in recipients):
                mail = replace(mail, smtputf8=True)
            groups.append(Group(recipients, replace(mail, size=len(new)), new))
        return groups

    def _body(self, raw: bytes) -> str:
        """For bytes that are ours; what the peer has declared for its own is not ours to change."""
        return self.mail.body if raw.isascii() or "8BITMIME" not in self.transaction.offers else "8BITMIME"

    def _same(self, groups: Sequence[Group]) -> bool:
        return len(groups) == 1 and {each.address for each in groups[0].recipients} == {
            each.address for each in self.transaction.accepted
        }

    async def _one(self, group: Group) -> list[Reply]:
        count = len(self.transaction.accepted)
        if self.gone():
            await self.transaction.abort()
            return [UNREACHABLE] * count
        return [*await self._data(self.transaction, group)]

    async def _several(self, groups: Sequence[Group]) -> list[Reply]:
        asked = [each.address for each in self.transaction.accepted]
        await self.transaction.abort()
        if self.lmtp:
            return await self._each(groups, asked)
        return [await self._all(groups)] * len(asked)

    async def _all(self, groups: Sequence[Group]) -> Reply:
        """SMTP: one reply for everybody."""
        reply = Reply(250, (f"2.0.0 Ok: {self.id}",))
        async with AsyncExitStack() as stack:
            opened = []
            for group in groups:
                transaction = await self._open(stack, group)
                if isinstance(transaction, Reply):
                    return transaction
                opened.append(transaction)
            for done, (transaction, group) in enumerate(zip(opened, groups, strict=True)):
                if self.gone() and not done:
                    return UNREACHABLE
                replies = await self._data(transaction, group)
                refused = next((each for each in replies if not each.ok), None)
                if refused is not None:
                    if done:
                        log.warning("served in part", envelope=self.id, groups=done, of=len(groups), reply=str(refused))
                    return refused
                reply = replies[0] if len(groups) == 1 else reply
        return reply

    async def _each(self, groups: Sequence[Group], asked: Sequence[str]) -> list[Reply]:
        """LMTP: each recipient hears what became of its own group.  One that is in no group is held, or gets the
        message under another address; in the second case it shares the fate of those addresses."""
        fates: dict[str, Reply] = {}
        for group in groups:
            async with AsyncExitStack() as stack:
                transaction = UNREACHABLE if self.gone() else await self._open(stack, group)
                replies = (
                    (transaction,) * len(group.recipients)
                    if isinstance(transaction, Reply)
                    else await self._data(transaction, group)
                )
            fates.update(zip((each.address for each in group.recipients), replies, strict=True))
        strangers = [reply for address, reply in fates.items() if address not in set(asked)]
        other = next((each for each in strangers if not each.ok), Reply(250, (f"2.0.0 Ok: {self.id}",)))
        return [fates.get(address, other) for address in asked]

    async def _open(self, stack: AsyncExitStack, group: Group) -> Transaction | Reply:
        """A transaction before DATA, or the reply instead.  What the next hop has against it now is temporary for
        the peer: its own envelope had been accepted."""
        try:
            transaction = await stack.enter_async_context(await self.next_hop.open(self.client))
            refused = await transaction.envelope(group.mail, group.recipients)
        except NextHopError as error:
            log.warning("next hop", envelope=self.id, error=str(error))
            return UNREACHABLE
        if refused.ok:
            return transaction
        log.warning("next hop refuses the envelope of a group", envelope=self.id, reply=str(refused))
        return UNREACHABLE

    async def _data(self, transaction: Transaction, group: Group) -> Sequence[Reply]:
        count = len(transaction.accepted)
        try:
            replies = await transaction.data(group.raw)
        except NextHopError as error:
            log.warning("next hop", envelope=self.id, error=str(error))
            return (UNREACHABLE,) * count
        return [settled(each) for each in replies]


def settled(reply: Reply) -> Reply:
    """The next hop's reply as ours: with an enhanced code, and 421 ("I hang up") as the 451 that it means to the
    peer, on whom we do not hang up.  A reply that has no business here is no promise either."""
    if reply.code == 421:
        return Reply(451, reply.lines).enhanced()
    return UNREACHABLE if reply.code < 200 or 300 <= reply.code < 400 else reply.enhanced()
