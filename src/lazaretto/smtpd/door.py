"""A door that speaks SMTP or LMTP: listens, admits, greets, closes in good order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

import structlog

from lazaretto.endpoint import Bound, bind
from lazaretto.errors import NextHopError
from lazaretto.model import Can
from lazaretto.nexthop import NextHop
from lazaretto.plugin import Line
from lazaretto.protocols.smtp.reply import Reply
from lazaretto.smtpd.admission import Admission
from lazaretto.smtpd.certificate import Certificate
from lazaretto.smtpd.connection import Connection
from lazaretto.smtpd.session import Session
from lazaretto.smtpd.settings import DoorSettings

log = structlog.get_logger("smtpd")

PROBE = 5.0  # seconds that a peer waits to hear what the next hop offers
UNKNOWN: Mapping[str, str] = {"8BITMIME": ""}  # offered while the next hop cannot be asked; MAIL will tell


class Door:
    """One listening address with its connections.  ``lmtp`` is what peers speak, ``next_hop`` speaks its own."""

    can = Can.REPORT | Can.REJECT | Can.REPLACE | Can.DELETE | Can.HOLD | Can.SPLIT

    def __init__(self, name: str, settings: DoorSettings, line: Line, *, lmtp: bool, next_hop_lmtp: bool) -> None:
        self.name, self.settings, self.line, self.lmtp = name, settings, line, lmtp
        self.hostname = settings.hostname or line.hostname
        self.admission = Admission(settings)
        section = f"listeners.{name}"
        self.certificate = (
            Certificate(settings.tls_certificate, settings.tls_key, section) if settings.tls_certificate else None
        )
        self.next_hop = NextHop(
            settings.next_hop, lmtp=next_hop_lmtp, tls=settings.next_hop_tls, hostname=self.hostname
        )
        self._section = section
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._bound: Bound | None = None

    @property
    def address(self) -> str:
        return self._bound.address if self._bound else ""

    async def start(self) -> None:
        """Raises ConfigError."""
        self._bound = bind(self.settings.listen, self._section, int(self.settings.mode, 8))
        loop, sock = asyncio.get_running_loop(), self._bound.socket
        create = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
        self._server = await create(lambda: Connection(self.settings, self._serve), sock=sock, backlog=256)

    async def stop(self, grace: float) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.drain()
        tasks = {connection.task for connection in self._connections}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()  # the peer gets no answer, keeps the message and tries again
            if late:
                log.warning("messages under way were given up", connections=len(late))
                await asyncio.wait(late)
        await self.next_hop.close()
        if self._bound is not None:
            self._bound.release()

    async def next_hop_offers(self) -> Mapping[str, str]:
        try:
            async with asyncio.timeout(PROBE):
                return await self.next_hop.offers()
        except (NextHopError, TimeoutError) as error:
            log.warning("next hop", error=str(error) or "takes too long to greet")
            return UNKNOWN

    async def _serve(self, connection: Connection) -> None:
        if len(self._connections) >= self.settings.max_connections:
            log.warning("connection refused: max_connections reached", limit=self.settings.max_connections)
            connection.say(Reply.of("421 4.3.2 Too many connections, try again later"))
            return
        self._connections.add(connection)
        try:
            await connection.introduced()
            await self._admit(connection)
        finally:
            self._connections.discard(connection)

    async def _admit(self, connection: Connection) -> None:
        if connection.trusted:
            await Session(self, connection).run()
            return
        ip = connection.ip
        if refusal := self.admission.enter(ip):
            connection.say(refusal)
            return
        try:
            await Session(self, connection).run()
        finally:
            self.admission.leave(ip)
