"""One connection to a mail server: commands out, replies in, never blocked on either without a time limit."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from lazaretto.errors import NextHopError, ProtocolError
from lazaretto.protocols.smtp.reply import Reply, ReplyReader

PORTION = 256 * 1024  # octets handed to the transport at a time


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase (RFC 5321 section 4.5.3.2 gives minima for mail across the world; the next hop is
    near, and the peer at our door waits for five minutes)."""

    connect: float = 30.0
    command: float = 120.0
    data_block: float = 120.0  # to take 256 KiB
    data_end: float = 280.0  # from the final dot to the reply


class Wire(asyncio.Protocol):
    """Every failure is a NextHopError that names the peer; after one the connection is closed."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.offers: dict[str, str] = {}  # what EHLO or LHLO was answered with: keyword and its parameters
        self.used = 0  # transactions
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._reader = ReplyReader()
        self._waiter: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None  # set while the transport wants no more
        self._lost = "not connected"
        self.hung_up = False  # the other side ended it, not we

    @property
    def closed(self) -> bool:
        return bool(self._lost)

    @property
    def quiet(self) -> bool:
        """Nothing was said that nobody asked for (a server that gives up an idle connection says 421 first)."""
        return not self._reader.pending

    async def read(self, timeout: float) -> Reply:  # noqa: ASYNC109 (each phase has its own)
        """The next reply."""
        try:
            async with asyncio.timeout(timeout):
                while (reply := self._reader.next_reply()) is None:
                    if self._lost:
                        raise NextHopError(f"{self.label}: {self._lost}")
                    self._waiter = asyncio.get_running_loop().create_future()
                    await self._waiter
        except TimeoutError:
            raise self._fail(f"no reply within {timeout:g} s") from None
        except ProtocolError as error:
            raise self._fail(str(error)) from None
        return reply

    async def write(self, data: bytes, timeout: float) -> None:  # noqa: ASYNC109 (each phase has its own)
        """Hands over all of ``data``; ``timeout`` is for each portion."""
        view = memoryview(data)
        for at in range(0, len(view), PORTION):
            if self._lost or self._transport is None:
                raise NextHopError(f"{self.label}: {self._lost}")
            self._transport.write(view[at : at + PORTION])
            if self._room is not None:
                try:
                    async with asyncio.timeout(timeout):
                        await self._room
                except TimeoutError:
                    raise self._fail(f"took nothing for {timeout:g} s") from None

    async def ask(self, command: bytes, timeout: float) -> Reply:  # noqa: ASYNC109 (each phase has its own)
        await self.write(command, timeout)
        return await self.read(timeout)

    async def ask_all(self, commands: Sequence[bytes], timeout: float) -> list[Reply]:  # noqa: ASYNC109
        """The replies to several commands, written at once where the server offers that (RFC 2920)."""
        if "PIPELINING" not in self.offers:
            return [await self.ask(command, timeout) for command in commands]
        await self.write(b"".join(commands), timeout)
        return [await self.read(timeout) for _ in commands]

    async def start_tls(self, context: ssl.SSLContext, hostname: str, timeout: float) -> None:  # noqa: ASYNC109
        """After the server's 220 to STARTTLS."""
        if self._transport is None or not self.quiet:
            # RFC 3207 section 4.2: what was said in the clear behind the 220 must not count inside TLS.
            raise self._fail("spoke in the clear after STARTTLS")
        try:
            async with asyncio.timeout(timeout):
                transport = await asyncio.get_running_loop().start_tls(
                    self._transport, self, context, server_hostname=hostname
                )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            raise self._fail(f"TLS failed: {error or 'timed out'}") from None
        self._transport = transport

    def close(self) -> None:
        """Says QUIT without waiting for the answer, and closes."""
        if self._transport is not None and not self._lost:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()
            self._lost = "closed"

    def abort(self) -> None:
        """Closes at once, in the middle of whatever it is: the server drops an unfinished message."""
        self._lost = self._lost or "given up"
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, reason: str) -> NextHopError:
        self._lost = reason
        self.abort()
        return NextHopError(f"{self.label}: {reason}")

    # ------------------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # not isinstance: uvloop's is of another family
        self._transport, self._lost = cast(asyncio.Transport, transport), ""

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        self._wake()

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._room is not None:
            if not self._room.done():
                self._room.set_result(None)
            self._room = None

    def connection_lost(self, error: Exception | None) -> None:
        self.hung_up = self.hung_up or not self._lost
        self._lost = self._lost or (f"connection lost: {error}" if error else "closed the connection")
        self.resume_writing()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
