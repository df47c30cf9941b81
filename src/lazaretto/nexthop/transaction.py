"""One message on its way to the next hop, answer by answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol

from lazaretto.errors import NextHopError
from lazaretto.nexthop.wire import Timeouts, Wire
from lazaretto.protocols.smtp.command import BadCommand, Mail, Recipient, mail_line, recipient_line, xforward_lines
from lazaretto.protocols.smtp.data import ends_early, stuff
from lazaretto.protocols.smtp.reply import Reply

RESET = 10.0  # seconds for RSET: a server that needs longer is not worth keeping
SERVICE_GONE = 421  # RFC 5321 section 3.8: the server closes the connection


class Connections(Protocol):
    """What a transaction needs of its NextHop."""

    address: str
    lmtp: bool
    timeouts: Timeouts

    async def acquire(self, *, fresh: bool = False) -> Wire: ...

    def release(self, wire: Wire) -> None: ...


class Transaction:
    """MAIL, then RCPT for each, then DATA; each gives the server's own reply.  Raises NextHopError when there is none.

    As long as no DATA was said nothing is at stake: when the server hangs up before (an idle limit, a restart),
    the envelope is said again over a new connection, once, without the door noticing.
    """

    def __init__(self, next_hop: Connections, client: Mapping[str, str], wire: Wire) -> None:
        self._next_hop, self._wire = next_hop, wire
        self.client = client  # XFORWARD attributes, said before MAIL
        self._mail: Mail | None = None
        self.accepted: list[Recipient] = []
        self._renewed = False

    @property
    def offers(self) -> Mapping[str, str]:
        """What the server offers: keywords of EHLO with their parameters."""
        return self._wire.offers

    async def mail(self, mail: Mail) -> Reply:
        async def say() -> Reply:
            return await self._say_mail(mail)

        try:
            reply = await self._sure(say)
        except BadCommand as error:
            return error.reply
        if reply.ok:
            self._mail = mail
        return reply

    async def recipient(self, recipient: Recipient) -> Reply:
        async def say() -> Reply:
            return await self._wire.ask(recipient_line(recipient, self._wire.offers), self._next_hop.timeouts.command)

        reply = await self._sure(say)
        if reply.ok:
            self.accepted.append(recipient)
        return reply

    async def envelope(self, mail: Mail, recipients: Sequence[Recipient]) -> Reply:
        """MAIL and every RCPT in one go: the first reply that refuses any of it, else the last."""
        reply = await self.mail(mail)
        if not reply.ok:
            return reply

        async def say() -> Reply:
            lines = [recipient_line(each, self._wire.offers) for each in recipients]
            replies = await self._wire.ask_all(lines, self._next_hop.timeouts.command)
            gone = [each for each in replies if each.code == SERVICE_GONE]
            return next((each for each in [*gone, *replies] if not each.ok), replies[-1])

        reply = await self._sure(say)
        if reply.ok:
            self.accepted += recipients
        return reply

    async def data(self, raw: bytes) -> tuple[Reply, ...]:
        """Hands over the message.  SMTP: one reply, the same for every accepted recipient, repeated for each;
        LMTP: one for each accepted recipient, in order (RFC 2033 section 4.2)."""
        count = len(self.accepted)
        if ends_early(raw):
            return (Reply.of("554 5.6.0 Dot between bare line ends"),) * count

        async def say() -> Reply:
            return await self._wire.ask(b"DATA\r\n", self._next_hop.timeouts.command)

        reply = await self._sure(say)
        if reply.code != 354:
            await self.abort()
            if reply.code < 400:
                raise NextHopError(f"{self._next_hop.address} answers DATA with {reply}")
            return (reply,) * count
        timeouts = self._next_hop.timeouts
        wire = self._wire
        try:
            await self._write(stuff(raw))
            replies = [await wire.read(timeouts.data_end) for _ in range(count if self._next_hop.lmtp else 1)]
        except BaseException:
            wire.abort()
            raise
        wire.used += 1
        if any(each.code == SERVICE_GONE for each in replies):
            wire.close()
        self._give_back()
        return tuple(replies) if self._next_hop.lmtp else tuple(replies) * count

    async def abort(self) -> None:
        """Forgets the envelope (RSET) and gives the connection back.  May be called at any time; never raises."""
        wire = self._wire
        if wire.closed:
            return
        if self._mail is not None or self.accepted:
            try:
                reply = await wire.ask(b"RSET\r\n", RESET)
            except NextHopError:
                return
            except BaseException:
                wire.abort()
                raise
            if not reply.ok:
                wire.close()
                return
        self._give_back()

    def drop(self) -> None:
        """Like ``abort``, at once: the connection is not kept."""
        self._wire.abort()

    async def __aenter__(self) -> Transaction:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.abort()

    # ------------------------------------------------------------------------ inside

    def _give_back(self) -> None:
        self._next_hop.release(self._wire)
        self._wire = Wire(self._next_hop.address)  # a closed one: this transaction is over
        self._mail, self.accepted = None, []

    async def _write(self, wire_form: bytes) -> None:
        try:
            await self._wire.write(wire_form, self._next_hop.timeouts.data_block)
        except NextHopError:
            if self._wire.quiet:
                raise  # else it said why it hung up before the end: "552 too big"

    async def _say_mail(self, mail: Mail) -> Reply:
        timeout = self._next_hop.timeouts.command
        line = mail_line(mail, self._wire.offers)
        if "XFORWARD" in self._wire.offers and self.client:
            for each in xforward_lines(self.client, self._wire.offers["XFORWARD"]):
                await self._wire.ask(each, timeout)  # a server that will not hear it takes the mail all the same
        return await self._wire.ask(line, timeout)

    async def _sure(self, say: Callable[[], Awaitable[Reply]]) -> Reply:
        """Says it; over a new connection with the envelope so far when the old one turns out to be gone."""
        try:
            reply = await say()
        except NextHopError:
            if self._renewed or not self._wire.hung_up:
                raise
        except BadCommand:
            raise
        except BaseException:
            self._wire.abort()  # cancelled: a reply is still to come, nobody may take it for his own
            raise
        else:
            if reply.code != SERVICE_GONE or self._renewed:
                return reply
        await self._renew()
        return await say()

    async def _renew(self) -> None:
        self._renewed = True
        self._wire.abort()
        self._wire = await self._next_hop.acquire(fresh=True)
        if self._mail is None:
            return
        try:
            replies = [await self._say_mail(self._mail)]
        except BadCommand as error:  # the server offers less than it did
            raise NextHopError(f"{self._next_hop.address}: {error}", error.reply.code, error.reply.text) from None
        if self.accepted:
            lines = [recipient_line(each, self._wire.offers) for each in self.accepted]
            replies += await self._wire.ask_all(lines, self._next_hop.timeouts.command)
        refused = next((each for each in replies if not each.ok), None)
        if refused is not None:
            detail = f"{self._next_hop.address} refuses on a new connection what it had accepted: {refused}"
            raise NextHopError(detail, refused.code, refused.text)
