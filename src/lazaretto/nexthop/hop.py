"""Where mail goes next: connects, greets, keeps connections for the next transaction."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum

from lazaretto.config import host_port
from lazaretto.errors import NextHopError
from lazaretto.nexthop.transaction import Transaction
from lazaretto.nexthop.wire import Timeouts, Wire
from lazaretto.protocols.smtp.command import Mail, Recipient
from lazaretto.protocols.smtp.reply import Reply

MAX_USES = 100  # transactions over one connection
MAX_IDLE = 30.0  # seconds; servers under load hang up sooner than RFC 5321's five minutes (Postfix: 10 s)


class Tls(StrEnum):
    NONE = "none"
    OPPORTUNISTIC = "opportunistic"  # when offered; the certificate is not checked (RFC 7435)
    REQUIRED = "required"  # or nothing is sent; the certificate must be valid for the host's name


class NextHop:
    """``address`` is "host:port", "[v6]:port" or "unix:/path".  Raises ValueError when it is neither.

    Connections are kept after a transaction, at most ``pool`` of them; there is no limit on how many are open at
    once, because each belongs to a transaction of a door that has its own limit.
    """

    def __init__(
        self,
        address: str,
        *,
        lmtp: bool = False,
        tls: Tls = Tls.NONE,
        context: ssl.SSLContext | None = None,
        timeouts: Timeouts | None = None,
        hostname: str = "",
        pool: int = 16,
    ) -> None:
        self.address, self.lmtp, self.hostname = address, lmtp, hostname or socket.getfqdn()
        self.timeouts = timeouts or Timeouts()
        self._path = address.removeprefix("unix:") if address.startswith("unix:") else ""
        self._host, self._port = ("localhost", 0) if self._path else host_port(address)
        self._tls = Tls.NONE if self._path else tls
        self._context = context
        self._pool = pool
        self._idle: list[Wire] = []
        self._offers: Mapping[str, str] | None = None

    async def open(self, client: Mapping[str, str] | None = None) -> Transaction:
        """A transaction with nothing said yet.  ``client`` holds XFORWARD attributes (NAME, ADDR, PROTO, HELO,
        IDENT, SOURCE ...), sent where the server takes them.  Raises NextHopError."""
        return Transaction(self, client or {}, await self.acquire())

    async def send(
        self,
        raw: bytes,
        sender: str,
        recipients: Sequence[str],
        *,
        client: Mapping[str, str] | None = None,
    ) -> tuple[Reply, ...]:
        """One whole message; the reply for each recipient in order, refused ones among them: look at each ``ok``.

        Raises NextHopError when the server did not answer or refused the sender (then with code and text).
        """
        mail = Mail(
            "MAIL",
            sender=sender,
            size=len(raw),
            body="" if raw.isascii() else "8BITMIME",
            smtputf8=not (sender.isascii() and all(each.isascii() for each in recipients)),
        )
        async with await self.open(client) as transaction:
            reply = await transaction.mail(mail)
            if not reply.ok:
                raise NextHopError(f"{self.address} refused the sender: {reply}", reply.code, reply.text)
            answers = [await transaction.recipient(Recipient("RCPT", address=each)) for each in recipients]
            if any(answer.ok for answer in answers):
                results = iter(await transaction.data(raw))
                answers = [next(results) if answer.ok else answer for answer in answers]
        return tuple(answers)

    async def offers(self) -> Mapping[str, str]:
        """What the server offered last; asks when it was never asked.  Raises NextHopError."""
        if self._offers is None:
            self.release(await self.acquire())
        return self._offers or {}

    async def close(self) -> None:
        """Ends the kept connections."""
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)  # the transports close in the next round of the loop

    # ------------------------------------------------------------------------ for Transaction

    async def acquire(self, *, fresh: bool = False) -> Wire:
        """A greeted connection, a kept one unless ``fresh``."""
        while self._idle and not fresh:
            wire = self._idle.pop()
            if not wire.closed and wire.quiet and time.monotonic() - wire.idle_since < MAX_IDLE:
                return wire
            wire.close()
        wire = await self._connect()
        try:
            await self._greet(wire)
        except BaseException:
            wire.abort()
            raise
        self._offers = wire.offers
        return wire

    def release(self, wire: Wire) -> None:
        """Keeps a connection that stands between two transactions."""
        if wire.closed or not wire.quiet or wire.used >= MAX_USES or len(self._idle) >= self._pool:
            wire.close()
            return
        wire.idle_since = time.monotonic()
        self._idle.append(wire)

    async def _connect(self) -> Wire:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.timeouts.connect):
                if self._path:
                    _, wire = await loop.create_unix_connection(lambda: Wire(self.address), self._path)
                else:
                    _, wire = await loop.create_connection(lambda: Wire(self.address), self._host, self._port)
        except (OSError, TimeoutError) as error:
            raise NextHopError(f"{self.address} cannot be reached: {error or 'timed out'}") from None
        return wire

    async def _greet(self, wire: Wire) -> None:
        greeting = await wire.read(self.timeouts.command)
        if not greeting.ok:
            raise NextHopError(f"{self.address} does not want us: {greeting}", greeting.code, greeting.text)
        await self._hello(wire)
        if self._tls is Tls.NONE:
            return
        if "STARTTLS" not in wire.offers:
            if self._tls is Tls.REQUIRED:
                raise NextHopError(f"{self.address} does not offer STARTTLS, which is required")
            return
        reply = await wire.ask(b"STARTTLS\r\n", self.timeouts.command)
        if reply.code == 220:
            context = self._context or _context(self._tls)
            await wire.start_tls(context, self._host, self.timeouts.command)
            await self._hello(wire)  # RFC 3207 section 4.2: what was known before counts no more
        elif self._tls is Tls.REQUIRED:
            raise NextHopError(f"{self.address} refuses STARTTLS: {reply}", reply.code, reply.text)

    async def _hello(self, wire: Wire) -> None:
        verb = "LHLO" if self.lmtp else "EHLO"
        reply = await wire.ask(f"{verb} {self.hostname}\r\n".encode("ascii", "replace"), self.timeouts.command)
        wire.offers = {}
        if reply.ok:
            for line in reply.lines[1:]:
                keyword, _, parameters = re.sub(r"[= ]", " ", line, count=1).partition(" ")  # some write "AUTH=..."
                wire.offers[keyword.upper()] = parameters.strip()
            return
        if not self.lmtp and reply.code // 100 == 5:
            reply = await wire.ask(f"HELO {self.hostname}\r\n".encode("ascii", "replace"), self.timeouts.command)
        if not reply.ok:
            raise NextHopError(f"{self.address} refuses our {verb}: {reply}", reply.code, reply.text)


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if tls is not Tls.REQUIRED:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
