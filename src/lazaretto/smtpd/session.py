"""The conversation with one peer: which command is allowed when, and what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import structlog

from lazaretto.errors import NextHopError
from lazaretto.protocols.smtp.command import Attributes, Chunk, Command, Mail, Recipient
from lazaretto.protocols.smtp.reply import Reply
from lazaretto.protocols.smtp.server import Refused
from lazaretto.smtpd.connection import Connection
from lazaretto.smtpd.handing import UNREACHABLE, settled
from lazaretto.smtpd.incoming import Incoming
from lazaretto.smtpd.peer import XCLIENT, XFORWARD, Client
from lazaretto.smtpd.receiving import receive_chunk, receive_data

if TYPE_CHECKING:
    from lazaretto.smtpd.door import Door

log = structlog.get_logger("smtpd")

MAX_IDLE_COMMANDS = 100  # from a stranger, without a message in between
OK = Reply.of("250 2.0.0 Ok")
ORDER = Reply.of("503 5.5.1 Bad sequence of commands")


class Session:
    """One for each connection; after STARTTLS and XCLIENT it begins anew."""

    def __init__(self, door: Door, connection: Connection) -> None:
        self.door, self.connection = door, connection
        self.client = Client(ip=connection.ip)
        self.incoming: Incoming | None = None
        self._forwarded: Client | None = None  # told by XFORWARD, for the next message
        self._greeted = ""  # the verb
        self._errors = self._commands = 0
        self._over = False
        self._answers: Mapping[str, Callable[[Command], Awaitable[Reply | None]]] = {
            "LHLO" if door.lmtp else "EHLO": self._hello,
            "MAIL": self._mail,
            "RCPT": self._recipient,
            "DATA": self._data,
            "BDAT": self._chunk,
            "RSET": self._reset,
            "NOOP": self._noop,
            "HELP": self._help,
            "VRFY": self._verify,
            "EXPN": self._verify,
            "QUIT": self._quit,
            "STARTTLS": self._starttls,
            "XCLIENT": self._xclient,
            "XFORWARD": self._xforward,
        } | ({} if door.lmtp else {"HELO": self._hello})

    async def run(self) -> None:
        try:
            self._greeting()
            while not self._over:
                await self._turn()
        except asyncio.CancelledError:
            if self.incoming is not None:
                self.incoming.transaction.drop()  # no time left to be polite
            raise
        finally:
            await self.forget()

    @property
    def sender(self) -> Client:
        """Whom the message comes from."""
        return self._forwarded or self.client

    @property
    def protocol(self) -> str:
        """As in a Received field (RFC 3848)."""
        word = {"LHLO": "LMTP", "HELO": "SMTP"}.get(self._greeted, "ESMTP")
        return word + ("S" if self.connection.tls and word != "SMTP" else "")

    async def forget(self) -> None:
        """The message that was begun, if any, is given up."""
        incoming, self.incoming = self.incoming, None
        self.connection.idle = True
        if incoming is not None:
            incoming.release()
            self._forwarded = None  # XFORWARD_README: the attributes are those of one message
            await incoming.transaction.abort()

    def served(self) -> None:
        """A message was dealt with: who sends mail may send commands."""
        self._commands = 0

    # ------------------------------------------------------------------------ turn by turn

    def _greeting(self) -> None:
        self.connection.say(Reply(220, (f"{self.door.hostname} {'LMTP' if self.door.lmtp else 'ESMTP'}",)))

    async def _turn(self) -> None:
        event = await self.connection.next_event(self.door.settings.command_timeout)
        if isinstance(event, Refused):
            reply: Reply | None = event.error.reply
            self._over = event.error.fatal
        else:
            assert isinstance(event, Command)  # noqa: S101  # for mypy: contents are read by receiving.py
            answer = self._answers.get(event.verb)
            reply = await answer(event) if answer else Reply.of("500 5.5.1 Command not offered here")
        if reply is not None:
            self._say(event, reply)

    def _say(self, event: object, reply: Reply) -> None:
        self.connection.say(reply)
        by_next_hop = isinstance(event, Mail | Recipient)
        if reply.code >= 500 and not (by_next_hop and self.connection.trusted):
            self._errors += 1
        self._commands += 1
        if self._errors >= self.door.settings.max_errors:
            self._end("421 4.7.0 Too many errors")
        elif self._commands > MAX_IDLE_COMMANDS + self.door.settings.max_recipients and not self.connection.trusted:
            self._end("421 4.7.0 Too many commands")

    def _end(self, reply: str) -> None:
        if not self._over:
            self.connection.say(Reply.of(reply))
        self._over = True

    def _out_of_step(self) -> Reply | None:
        """RFC 2920 section 3.1: some commands end a pipelined group.  Who sends on regardless does not listen to
        us: an HTTP client, or a message smuggled behind DATA."""
        if not self.connection.codec.pending:
            return None
        self._over = True
        return Reply.of("554 5.5.0 Do not send before you are answered")

    # ------------------------------------------------------------------------ commands

    async def _hello(self, command: Command) -> Reply | None:
        if refusal := self._out_of_step():
            return refusal
        await self.forget()
        self._greeted = command.verb
        self.client = Client(
            ip=self.client.ip,
            name=self.client.name,
            port=self.client.port,
            helo=command.argument,
            proto=command.verb.replace("EHLO", "ESMTP").replace("HELO", "SMTP").replace("LHLO", "LMTP"),
            login=self.client.login,
        )
        if command.verb == "HELO":
            return Reply(250, (self.door.hostname,))
        return Reply(250, (self.door.hostname, *await self._offers()))

    async def _offers(self) -> list[str]:
        """What the next hop cannot do is not offered: it could only be refused, or damage the message, later."""
        hop = await self.door.next_hop_offers()
        sizes = [self.door.settings.max_message_bytes]
        if (size := hop.get("SIZE", "")).isdigit() and int(size):
            sizes.append(int(size))
        offers = ["PIPELINING", f"SIZE {min(sizes)}", "ENHANCEDSTATUSCODES", "CHUNKING"]
        offers += [keyword for keyword in ("8BITMIME", "SMTPUTF8", "DSN") if keyword in hop]
        if self.door.certificate is not None and not self.connection.tls:
            offers.append("STARTTLS")
        if self.connection.trusted:
            offers += [f"XFORWARD {' '.join(XFORWARD)}", f"XCLIENT {' '.join(XCLIENT)}"]
        return offers

    async def _mail(self, command: Command) -> Reply:
        assert isinstance(command, Mail)  # noqa: S101  # for mypy: the parser makes no other
        if not self._greeted or self.incoming is not None:
            return ORDER
        if command.size is not None and command.size > self.door.settings.max_message_bytes:
            return Reply.of("552 5.3.4 Message too big")  # RFC 1870 section 6.1
        if refusal := self.door.admission.begin(self.sender.ip):
            return refusal
        try:
            transaction = await self.door.next_hop.open()
        except NextHopError as error:
            log.warning("next hop", error=str(error))
            return UNREACHABLE
        self.incoming = Incoming(command, transaction, self.door.settings, self.door.admission)
        self.connection.idle = False
        try:
            transaction.client = self.xforward()
            reply = settled(await transaction.mail(command))
        except NextHopError as error:
            log.warning("next hop", error=str(error))
            reply = UNREACHABLE
        if not reply.ok:
            forwarded = self._forwarded
            await self.forget()
            self._forwarded = forwarded
        return reply

    def xforward(self) -> dict[str, str]:
        """What the next hop is told of the client; our id stands in for a queue id where none is known."""
        values = self.sender.xforward()
        values["IDENT"] = values["IDENT"] or (self.incoming.id if self.incoming else "")
        return values

    async def _recipient(self, command: Command) -> Reply:
        assert isinstance(command, Recipient)  # noqa: S101  # for mypy: the parser makes no other
        if self.incoming is None or self.incoming.chunked:
            return ORDER
        if not (command.address.isascii() or self.incoming.mail.smtputf8):
            return Reply.of("553 5.6.7 Address needs SMTPUTF8")  # RFC 6531 section 3.5
        if len(self.incoming.transaction.accepted) >= self.door.settings.max_recipients:
            return Reply.of("452 4.5.3 Too many recipients")  # RFC 5321 section 4.5.3.1.10
        try:
            return settled(await self.incoming.transaction.recipient(command))
        except NextHopError as error:
            log.warning("next hop", error=str(error))
            return UNREACHABLE

    async def _data(self, command: Command) -> Reply | None:
        if self.incoming is None or self.incoming.chunked:
            return ORDER
        if not self.incoming.transaction.accepted:
            return Reply.of("554 5.5.1 No valid recipients")  # RFC 2033 section 4.2 has 503, RFC 5321 3.3 either
        if refusal := self._out_of_step():
            return refusal
        await receive_data(self, self.incoming)
        return None

    async def _chunk(self, command: Command) -> Reply | None:
        assert isinstance(command, Chunk)  # noqa: S101  # for mypy: the parser makes no other
        return await receive_chunk(self, self.incoming, command)

    async def _reset(self, command: Command) -> Reply:
        await self.forget()
        return OK

    async def _noop(self, command: Command) -> Reply:
        return OK

    async def _help(self, command: Command) -> Reply:
        return Reply.of("214 2.0.0 See RFC 5321")

    async def _verify(self, command: Command) -> Reply:
        return Reply.of("252 2.0.0 Send some mail, and it will be tried")  # RFC 5321 section 3.5.3

    async def _quit(self, command: Command) -> Reply:
        self._over = True
        return Reply.of("221 2.0.0 Bye")

    async def _starttls(self, command: Command) -> Reply | None:
        if self.door.certificate is None or self.connection.tls:
            return Reply.of("502 5.5.1 STARTTLS not offered")
        if refusal := self._out_of_step():  # RFC 3207 section 6, CVE-2011-0411: plain text behind STARTTLS
            return refusal
        await self.forget()
        self.connection.say(Reply.of("220 2.0.0 Ready for TLS"))
        await self.connection.start_tls(self.door.certificate.context)
        self._greeted, self._forwarded = "", None  # RFC 3207 section 4.2: back to the initial state
        self.client = Client(ip=self.client.ip, name=self.client.name, login=self.client.login)
        return None

    async def _xclient(self, command: Command) -> Reply | None:
        if refusal := self._not_told(command):
            return refusal
        assert isinstance(command, Attributes)  # noqa: S101  # for mypy: the parser makes no other
        try:
            self.client = self.client.told(command.values)
        except ValueError:
            return Reply.of("501 5.5.4 Bad attribute")
        self._greeted, self._forwarded = "", None
        self._greeting()  # XCLIENT_README: the server replies as to a new connection
        return None

    async def _xforward(self, command: Command) -> Reply:
        if refusal := self._not_told(command):
            return refusal
        assert isinstance(command, Attributes)  # noqa: S101  # for mypy: the parser makes no other
        try:
            self._forwarded = (self._forwarded or Client()).told(command.values)
        except ValueError:
            return Reply.of("501 5.5.4 Bad attribute")
        return OK

    def _not_told(self, command: Command) -> Reply | None:
        if not self.connection.trusted:
            return Reply.of("550 5.7.0 Not for you")
        return ORDER if self.incoming is not None else None
