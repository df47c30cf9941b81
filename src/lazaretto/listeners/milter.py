"""The milter door: Postfix or Sendmail asks about each message while the sender still waits.

It judges before the mail server has taken responsibility, so a refusal reaches the sender and nothing is queued
here.  A milter cannot treat groups of recipients differently.  Whatever goes wrong on our side ends in 451: the
sender keeps the message and tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import ClassVar, Literal, cast

import structlog
from pydantic import Field

from lazaretto import config
from lazaretto.endpoint import Bound, Endpoint, bind
from lazaretto.errors import ProtocolError
from lazaretto.model import Address, Can, Decision, Direction, Envelope, Peer, Reply, new_id, now
from lazaretto.plugin import Line, Listener
from lazaretto.protocols import milter
from lazaretto.protocols.milter import Action, Option, Stage

log = structlog.get_logger("milter")

_WANTED = (
    Action.ADD_HEADERS
    | Action.CHANGE_HEADERS
    | Action.CHANGE_BODY
    | Action.ADD_RECIPIENTS
    | Action.DELETE_RECIPIENTS
    | Action.SET_MACROS
)
_REPLACING = Action.ADD_HEADERS | Action.CHANGE_HEADERS | Action.CHANGE_BODY
_OPTIONS = (
    Option.NO_DATA
    | Option.NO_END_OF_HEADERS
    | Option.NO_UNKNOWN
    | Option.QUIET_CONNECT
    | Option.QUIET_HELO
    | Option.QUIET_MAIL
    | Option.QUIET_RCPT
    | Option.QUIET_HEADERS
    | Option.QUIET_BODY
    | Option.LEADING_SPACE
)
# The queue id is known at MAIL to Sendmail, and to Postfix only after the first recipient.
_MACROS = (
    (Stage.CONNECT, b"j {client_addr} {daemon_name}"),
    (Stage.HELO, b"{tls_version}"),
    (Stage.MAIL, b"i {auth_authen} {tls_version}"),
    (Stage.RCPT, b""),
    (Stage.DATA, b""),
    (Stage.END_OF_HEADERS, b""),
    (Stage.END_OF_MESSAGE, b"i"),
)
_FIELD = 64  # bytes that one field or recipient costs besides its own, roughly
_REPLY_TEXT = 400  # characters; RFC 5321 section 4.5.3.1.5 allows 512 bytes for the line


class Milter(Listener):
    """Accepts connections of mail servers and keeps the sessions."""

    name = "milter"
    can: ClassVar[Can] = Can.REPORT | Can.REJECT | Can.REPLACE | Can.DELETE | Can.HOLD

    class Settings(config.Settings):
        listen: Endpoint = Field(
            "127.0.0.1:8891", description="host:port or unix:/path; there is no authentication, keep it private"
        )
        mode: str = Field("0660", pattern="^0?[0-7]{3}$", description="permissions of the Unix socket, octal")
        direction: Literal["auto", "inbound", "outbound", "internal"] = Field(
            "auto", description="of all mail that comes in here; auto: by domains and networks of [organisation]"
        )
        max_connections: int = Field(1000, ge=1, description="beyond it new connections are closed at once")
        max_message_bytes: int = Field(100 * 2**20, ge=1024, description="bytes of one message with its envelope")
        max_held_bytes: int = Field(2**30, ge=1024, description="bytes of all messages in hand; beyond it 451")
        too_big: Literal["reject", "defer"] = Field("reject", description="messages above max_message_bytes")
        idle_timeout: float = Field(
            7210, gt=0, description="seconds of silence; the mail server is silent while it receives a message"
        )
        progress: float = Field(5, gt=0, description="seconds between two signs of life while a message is judged")

    settings: Settings

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self.sessions: set[_Session] = set()
        self.held = 0  # bytes
        self._server: asyncio.Server | None = None
        self._bound: Bound | None = None

    @property
    def address(self) -> str:
        return self._bound.address if self._bound else ""

    async def start(self, line: Line) -> None:
        self._bound = bind(self.settings.listen, "listeners.milter", int(self.settings.mode, 8))
        loop, sock = asyncio.get_running_loop(), self._bound.socket
        create = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
        self._server = await create(lambda: _Session(self, line), sock=sock)

    async def stop(self, grace: float) -> None:
        if self._server is not None:
            self._server.close()
        for session in list(self.sessions):
            session.drain()
        if closed := [session.closed for session in self.sessions]:
            await asyncio.wait(closed, timeout=grace)
        for session in list(self.sessions):
            session.abort()
        if closed := [session.closed for session in self.sessions]:
            await asyncio.wait(closed)
        if self._bound is not None:
            self._bound.release()


class _Incoming:
    """A message as far as it has been told."""

    def __init__(self, sender: bytes) -> None:
        self.sender = sender
        self.recipients: list[bytes] = []
        self.header: list[bytes] = []
        self.body: list[bytes] = []
        self.size = 0
        self.refusal: milter.ReplyCode | None = None  # a limit was passed: the rest is not kept


class _Session(asyncio.Protocol):
    """One connection of a mail server: one SMTP session after the other, message after message."""

    def __init__(self, door: Milter, line: Line) -> None:
        self._door, self._line = door, line
        self._loop = asyncio.get_running_loop()
        self._connection = milter.FilterConnection(_WANTED, _OPTIONS, _MACROS)
        self._incoming: _Incoming | None = None
        self._client = milter.Connect(b"")
        self._helo = b""
        self._tasks: set[asyncio.Task[None]] = set()
        self._judging: _Incoming | None = None  # the message that the mail server waits for
        self._ticker: asyncio.TimerHandle | None = None
        self._heard = self._loop.time()
        self._draining = False
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # ------------------------------------------------------------------------ the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # not isinstance: uvloop's is of another family
        sock: socket.socket = transport.get_extra_info("socket")
        self._tcp = sock if sock.family != socket.AF_UNIX and hasattr(socket, "TCP_QUICKACK") else None
        self._door.sessions.add(self)
        self._watcher = self._loop.call_later(self._door.settings.idle_timeout, self._watch)
        if len(self._door.sessions) > self._door.settings.max_connections:
            log.warning("connection refused: max_connections reached", limit=self._door.settings.max_connections)
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watcher.cancel()
        self._forget()
        self._end = self._loop.create_task(self._finish())

    async def _finish(self) -> None:
        """Judgements under way run to their end: what they do to vault and journal is not torn apart."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._door.sessions.discard(self)
        self.closed.set_result(None)

    def drain(self) -> None:
        """Closes as soon as no message is under way."""
        self._draining = True
        if self._incoming is None and self._judging is None:
            self._transport.close()

    def abort(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._transport.abort()

    def _watch(self) -> None:
        left = self._heard + self._door.settings.idle_timeout - self._loop.time()
        if left <= 0 and self._judging is None:
            log.info("connection closed: idle")
            self._transport.abort()
        else:
            self._watcher = self._loop.call_later(max(left, 1.0), self._watch)

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._connection.receive(data)
        try:
            while (event := self._connection.next_event()) is not None:
                self._take(event)
        except ProtocolError as error:
            log.warning("the mail server broke the milter protocol; connection closed", error=str(error))
            self._transport.abort()
        if self._judging is None and self._tcp is not None:
            # Postfix writes, writes again without an answer in between, and Nagle's algorithm holds the second write
            # until we acknowledge the first: 40 ms a message.  The kernel forgets this option, so it is set each time.
            with contextlib.suppress(OSError):  # closed in the meantime
                self._tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    # ------------------------------------------------------------------------ what is told

    def _take(self, event: milter.Command) -> None:
        match event:
            case milter.Header(name, value):
                if incoming := self._room(len(name) + len(value) + _FIELD):
                    incoming.header.append(b"%b:%b\r\n" % (name, value))
            case milter.Body(data):
                if incoming := self._room(len(data)):
                    incoming.body.append(data)
            case milter.EndOfMessage():
                self._judge()
                return
            case milter.RcptTo(address):
                if incoming := self._room(len(address) + _FIELD):
                    incoming.recipients.append(address)
            case milter.MailFrom(address):
                self._forget()
                self._incoming = _Incoming(address)
            case milter.Helo(name):
                self._forget()
                self._helo = name
            case milter.Connect():
                self._forget()
                self._client, self._helo = event, b""
            case milter.Negotiate():
                self._transport.write(self._connection.agree(event))
            case milter.Abort() | milter.QuitNewConnection():
                self._forget()
            case milter.Quit():
                self._transport.close()
        if self._connection.owes_reply:
            self._transport.write(self._connection.send(milter.Continue()))

    def _room(self, size: int) -> _Incoming | None:
        """The message, when that many bytes more may be kept.  If not it is refused at its end, since the mail
        server does not listen before."""
        incoming, settings = self._incoming, self._door.settings
        if incoming is None or incoming.refusal is not None:
            return None
        if incoming.size + size > settings.max_message_bytes:
            code, enhanced = (552, b"5.3.4") if settings.too_big == "reject" else (451, b"4.3.4")
            incoming.refusal = milter.ReplyCode(code, enhanced, b"message is too big")
        elif self._door.held + size > settings.max_held_bytes:
            incoming.refusal = milter.ReplyCode(451, b"4.3.2", b"too busy, try again later")
        if incoming.refusal is not None:
            log.warning("message refused: a limit was passed", reply=incoming.refusal.text.decode())
            self._release(incoming)
            return None
        incoming.size += size
        self._door.held += size
        return incoming

    def _release(self, incoming: _Incoming) -> None:
        self._door.held -= incoming.size
        incoming.size = 0
        incoming.header, incoming.body = [], []

    def _forget(self) -> None:
        """The message is given up, or another one begins."""
        if self._judging is not None:
            self._settled()
        if self._incoming is not None:
            self._release(self._incoming)
            self._incoming = None
            if self._draining:
                self._transport.close()

    # ------------------------------------------------------------------------ the verdict

    def _judge(self) -> None:
        incoming, self._incoming = self._incoming, None
        self._judging = incoming
        if incoming is None or not incoming.recipients or incoming.refusal is not None:
            # Without recipients it is not accepted either: another filter may add some.
            self._answer(incoming, [(incoming and incoming.refusal) or _DEFER])
            if incoming is not None:
                self._release(incoming)
        else:
            self._tick(incoming)
            task = self._loop.create_task(self._process(incoming))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _process(self, incoming: _Incoming) -> None:
        try:
            raw = b"".join((*incoming.header, b"\r\n", *incoming.body))
            incoming.header, incoming.body = [], []
            envelope = self._envelope(incoming)
            decision = await self._line.process(raw, envelope)
            self._answer(incoming, answers(decision, raw, incoming.recipients))
        except Exception:  # our own mistake must neither let the message pass nor lose it
            log.exception("message deferred: its decision cannot be carried out")
            self._answer(incoming, [_DEFER])
        finally:
            self._release(incoming)

    def _envelope(self, incoming: _Incoming) -> Envelope:
        macro, direction = self._connection.macro, self._door.settings.direction
        address = self._client.address or macro(b"client_addr")
        peer = Peer(
            ip="" if self._client.family == b"L" else _text(address).removeprefix("IPv6:"),
            helo=_text(self._helo),
            tls=_text(macro(b"tls_version")),
            auth=_text(macro(b"auth_authen")),
        )
        sender = address_of(incoming.sender)
        recipients = tuple(dict.fromkeys(address_of(recipient) for recipient in incoming.recipients))
        replacing = self._connection.actions & _REPLACING == _REPLACING
        return Envelope(
            id=new_id(),
            door=self._door.name,
            direction=self._line.direction(peer, sender, recipients) if direction == "auto" else Direction(direction),
            sender=sender,
            recipients=recipients,
            can=self._door.can if replacing else self._door.can & ~Can.REPLACE,
            received_at=now(),
            peer=peer,
            queue_id=_text(macro(b"i")),
        )

    def _tick(self, incoming: _Incoming) -> None:
        """A sign of life now and then, or the mail server gives up (Postfix: milter_content_timeout)."""
        if self._judging is incoming:
            if self._ticker is not None:
                self._transport.write(self._connection.send(milter.Progress()))
            self._ticker = self._loop.call_later(self._door.settings.progress, self._tick, incoming)

    def _answer(self, incoming: _Incoming | None, replies: list[milter.Replies]) -> None:
        if self._judging is not incoming:
            return  # given up in the meantime: nobody waits for it
        self._transport.write(b"".join(map(self._connection.send, replies)))
        self._settled()

    def _settled(self) -> None:
        self._judging = None
        self._heard = self._loop.time()
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        if self._draining:
            self._transport.close()


# ---------------------------------------------------------------------------- what is answered

_DEFER = milter.ReplyCode(451, b"4.7.1", b"try again later")


def answers(decision: Decision, raw: bytes, recipients: list[bytes]) -> list[milter.Replies]:
    """The replies that carry out a decision on ``raw``; ``recipients`` as the mail server has told them.
    Raises ValueError for what a milter cannot do."""
    text = decision.text.encode("ascii", "replace")[:_REPLY_TEXT]
    match decision.reply:
        case Reply.REJECT:
            return [milter.ReplyCode(550, b"5.7.1", text or b"message refused")]
        case Reply.DEFER:
            return [milter.ReplyCode(451, b"4.7.1", text or _DEFER.text)]
        case Reply.DISCARD:
            return [milter.Discard()]
    if len(decision.deliveries) != 1 or not decision.deliveries[0].recipients:
        raise ValueError("a milter needs one delivery with recipients")
    delivery = decision.deliveries[0]
    replies: list[milter.Replies] = [] if delivery.raw is None else [*milter.changes(raw, delivery.raw)]
    told = {recipient: address_of(recipient).address for recipient in recipients}
    wanted = {recipient.address: None for recipient in delivery.recipients}
    replies += [milter.AddRecipient(b"<%b>" % address.encode()) for address in wanted if address not in told.values()]
    replies += [milter.DeleteRecipient(recipient) for recipient, address in told.items() if address not in wanted]
    return [*replies, milter.Continue()]  # not Accept: filters after us judge too


def address_of(path: bytes) -> Address:
    """``<a@b>`` of MAIL or RCPT."""
    return Address(_text(path[1:-1] if path.startswith(b"<") and path.endswith(b">") else path))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
