"""One connection: bytes in and out, with back-pressure and time limits.  What is said on it is the session's."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

import structlog

from lazaretto.errors import ProtocolError
from lazaretto.protocols import proxyheader
from lazaretto.protocols.smtp.reply import Reply
from lazaretto.protocols.smtp.server import Incoming, ServerCodec

if TYPE_CHECKING:
    from lazaretto.smtpd.settings import DoorSettings

log = structlog.get_logger("smtpd")

BACKLOG = 64 * 1024  # bytes of commands that may wait while one is answered; then we stop reading
HANDSHAKE = 30.0  # seconds for TLS


class GoneError(Exception):
    """The peer has hung up: nobody is there to be answered."""


class DrainError(Exception):
    """The door closes, and this connection is between two messages."""


class Connection(asyncio.Protocol):
    """``run`` is called once the connection is made; when it returns, the connection closes."""

    def __init__(self, settings: DoorSettings, run: Callable[[Connection], Coroutine[Any, Any, None]]) -> None:
        self._settings, self._run = settings, run
        self._loop = asyncio.get_running_loop()
        self.codec = ServerCodec()
        self.ip = ""  # "" on a Unix socket
        self.trusted = False
        self.idle = True  # between two messages; the session keeps it
        self.draining = False
        self.task: asyncio.Task[None]
        self._transport: asyncio.Transport
        self._tcp: socket.socket | None = None
        self._header: bytearray | None = None  # a PROXY header as far as it has come
        self._out: list[bytes] = []
        self._lost = False
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    @property
    def lost(self) -> bool:
        return self._lost

    def now(self) -> float:
        """The loop's clock, in seconds."""
        return self._loop.time()

    @property
    def tls(self) -> str:
        """Version of TLS in use, "" for none."""
        tls = self._transport.get_extra_info("ssl_object")
        return (tls.version() or "") if tls else ""

    # ------------------------------------------------------------------------ for the session

    async def introduced(self) -> None:
        """Returns once it is known who the peer is: reads the PROXY header, where there has to be one.  Raises
        ProtocolError, and what ``next_event`` raises."""
        deadline = self._loop.time() + HANDSHAKE
        while self._header is not None:
            header = proxyheader.read(bytes(self._header))
            if header is None:
                await self._more(deadline)
                continue
            self.codec.feed(bytes(self._header[header.length :]))
            self._header = None
            if header.ip:
                self._set_ip(header.ip)

    async def next_event(self, seconds: float) -> Incoming:
        """What the peer says next; replies go out first, when there is nothing more to answer.  Raises GoneError,
        DrainError, TimeoutError."""
        deadline = self._loop.time() + seconds
        while (event := self.codec.next_event()) is None:
            await self.flush()
            await self._more(deadline)
        return event

    def say(self, reply: Reply) -> None:
        """Queues a reply: one write for all answers to a pipelined batch (RFC 2920 section 3.2)."""
        self._out.append(reply.encode())

    async def flush(self) -> None:
        if self._out and not self._lost:
            self._transport.write(b"".join(self._out))
        self._out.clear()
        if self._room is not None:  # the peer talks but does not listen
            async with asyncio.timeout(self._settings.command_timeout):
                await self._room

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Raises GoneError when it fails: the peer can only hang up then."""
        await self.flush()
        if self._lost:
            raise GoneError
        self.codec.forget()  # before: the first bytes inside TLS may be here when start_tls returns
        try:
            transport = await self._loop.start_tls(
                self._transport, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE
            )
        except OSError as error:  # ssl.SSLError, ConnectionError and TimeoutError are
            log.info("TLS failed", ip=self.ip, error=str(error) or type(error).__name__)
            self._lost = True
            raise GoneError from None
        if transport is None:  # lost during the handshake
            self._lost = True
            raise GoneError
        self._transport = transport

    def drain(self) -> None:
        """Ends as soon as no message is under way."""
        self.draining = True
        self._wake()

    # ------------------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # not isinstance: uvloop's is of another family
        sock: socket.socket = transport.get_extra_info("socket")
        if sock.family == socket.AF_UNIX:
            self.trusted = True  # the socket's permissions say who may
        else:
            self._tcp = sock if hasattr(socket, "TCP_QUICKACK") else None
            self._set_ip((transport.get_extra_info("peername") or ("::",))[0])  # none: it is gone already
        if self._settings.proxy_protocol and self.trusted:
            self._header = bytearray()
        self.task = self._loop.create_task(self._live())

    def data_received(self, data: bytes) -> None:
        if self._header is not None:
            self._header += data
        else:
            self.codec.feed(data)
        if self.codec.in_content and self._tcp is not None:
            # Who writes a message in several parts without TCP_NODELAY (Postfix) waits with the last one until we
            # acknowledge the others: 40 ms a message.  The kernel forgets this option, so it is set each time.
            with contextlib.suppress(OSError):  # closed in the meantime
                self._tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if self._waiter is not None:
            self._wake()
        elif not self._paused and self.codec.pending > BACKLOG:
            self._paused = True
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._room is not None:
            if not self._room.done():
                self._room.set_result(None)
            self._room = None

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        self.resume_writing()
        self._wake()

    # ------------------------------------------------------------------------ inside

    async def _live(self) -> None:
        try:
            await self._run(self)
        except GoneError:
            pass
        except DrainError:
            self.say(Reply.of("421 4.3.2 Closing, try again later"))  # RFC 5321 section 3.8
        except TimeoutError:
            self.say(Reply.of("421 4.4.2 Too slow, closing"))
        except ProtocolError as error:
            log.warning("connection closed", ip=self.ip, error=str(error))
        except Exception:  # our own mistake must not leave the peer without an answer
            log.exception("connection closed by a mistake of ours", ip=self.ip)
            self.say(Reply.of("421 4.3.0 Internal error, try again later"))
        finally:
            self._close()

    def _close(self) -> None:
        if self._out and not self._lost:
            self._transport.write(b"".join(self._out))
        if self._room is not None:
            self._transport.abort()  # the peer does not read: what is left would wait for ever
        else:
            self._transport.close()
            self._loop.call_later(HANDSHAKE, self._transport.abort)
        self._lost = True

    async def _more(self, deadline: float) -> None:
        if self.draining and self.idle:
            raise DrainError
        if self._lost:
            raise GoneError
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        self._waiter = self._loop.create_future()
        try:
            async with asyncio.timeout_at(deadline):
                await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _set_ip(self, text: str) -> None:
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        self.ip = str(address)
        self.trusted = any(address in network for network in self._settings.trusted)
