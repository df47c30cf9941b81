"""The servers of one engine: who is asked next, who is left alone, what they have done so far."""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from lazaretto.errors import LazarettoError
from lazaretto.model import RemoteStatus
from lazaretto.remote.breaker import Breaker

log = structlog.get_logger()

MOST_TRIES = 2  # servers that see one artifact: what kills one of them shall not go round and kill all
REFRESH = 60.0  # seconds between two looks at a server that is well: its version may have changed
TICK = 0.5  # seconds between two looks at who is due

R = TypeVar("R")


class ServerError(LazarettoError):
    """A server could not be reached, said nothing in time or no sense.  ``fresh``: before it had seen anything of the
    artifact, so that it cannot be the artifact's doing."""

    def __init__(self, why: str, *, fresh: bool = False) -> None:
        self.fresh = fresh
        super().__init__(why)


class Refused(LazarettoError):
    """A server that is well says that it could not judge this artifact."""


class Unanswered(LazarettoError):
    """No server has judged."""


class Server(ABC):
    """One of them."""

    def __init__(self, address: str, connections: int) -> None:
        self.address, self.connections = address, connections
        self.breaker = Breaker()
        self.version = ""
        self.busy = self.scans = self.failures = 0
        self.seconds = 0.0
        self.checked = 0.0  # when, by the monotonic clock

    @abstractmethod
    async def check(self) -> str:
        """A sign of life and its version, within the time to reach it.  Raises ServerError."""

    @abstractmethod
    async def close(self) -> None:
        """What it keeps open."""


S = TypeVar("S", bound=Server)


class Group:
    """Belongs to one event loop."""

    def __init__(self, engine: str, servers: Sequence[Server]) -> None:
        self.engine, self.servers = engine, servers
        # Thousands may wait, of one message: here for nothing, behind it with an eye on the servers.
        self._gate = asyncio.Semaphore(sum(each.connections for each in servers))
        self._freed = asyncio.Condition()
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._watch = asyncio.create_task(self._look_after())

    async def stop(self) -> None:
        if self._watch:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        for server in self.servers:
            await server.close()

    def status(self) -> tuple[RemoteStatus, ...]:
        return tuple(
            RemoteStatus(
                self.engine, each.address, each.breaker.closed, each.version, each.busy, each.scans, each.failures,
                each.seconds, each.breaker.why,
            )
            for each in self.servers
        )  # fmt: skip

    async def ask(self, work: Callable[[S], Awaitable[R]]) -> R:
        """What the first server says that can.  Raises Unanswered."""
        async with self._gate:
            return await self._ask(work)

    async def _ask(self, work: Callable[[S], Awaitable[R]]) -> R:
        tried: dict[Server, str] = {}
        while len(tried) < MOST_TRIES:
            server = await self._next(tried)
            if server is None:
                break
            try:
                return await self._one(server, work)
            except Refused as error:
                server.failures += 1
                tried[server] = str(error)
                self._well(server)
            except ServerError as error:
                server.failures += 1
                tried[server] = str(error)
                await self._doubt(server, error)
        raise Unanswered(self._why(tried))

    async def _one(self, server: Server, work: Callable[[S], Awaitable[R]]) -> R:
        began = time.monotonic()
        try:
            answer = await work(server)  # type: ignore[arg-type]  # a group has servers of one kind
        finally:
            server.busy -= 1
            async with self._freed:
                self._freed.notify()
        server.scans += 1
        server.seconds += time.monotonic() - began
        self._well(server)
        return answer

    async def _next(self, tried: dict[Server, str]) -> Server | None:
        """The least busy one that may be asked, with a place there taken; waits while all have enough to do."""
        while True:
            open_to = [each for each in self.servers if each not in tried and (each.breaker.closed or each.breaker.due)]
            if not open_to:
                return None
            free = [each for each in open_to if each.busy < each.connections]
            for server in sorted(free, key=lambda each: (not each.breaker.closed, each.busy / each.connections)):
                if server.breaker.allows():
                    server.busy += 1
                    return server
            async with self._freed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._freed.wait(), TICK)

    async def _doubt(self, server: Server, error: ServerError) -> None:
        """One that still answers is not to blame for an artifact on which it failed: else one hostile file would take
        out all servers for everybody's mail."""
        if not error.fresh:
            with contextlib.suppress(ServerError):
                server.version = await server.check()
                self._well(server)
                return
        self._ill(server, str(error))

    def _ill(self, server: Server, why: str) -> None:
        if server.breaker.closed:
            log.warning("server does not answer", engine=self.engine, server=server.address, why=why)
        server.breaker.failed(why)

    def _well(self, server: Server) -> None:
        if not server.breaker.closed:
            log.info("server answers again", engine=self.engine, server=server.address)
        server.breaker.succeeded()

    def _why(self, tried: dict[Server, str]) -> str:
        if tried:
            return "; ".join(f"{server.address}: {why}" for server, why in tried.items())
        return "no server answers: " + "; ".join(f"{each.address}: {each.breaker.why}" for each in self.servers)

    async def _look_after(self) -> None:
        """Finds out in the background that a server is back, so that no mail has to wait for the attempt."""
        while True:
            now = time.monotonic()
            due = [
                each
                for each in self.servers
                if (each.breaker.due if not each.breaker.closed else now >= each.checked) and each.breaker.allows()
            ]
            await asyncio.gather(*(self._visit(each) for each in due))
            await asyncio.sleep(TICK)

    async def _visit(self, server: Server) -> None:
        server.checked = time.monotonic() + REFRESH
        try:
            server.version = await server.check()
        except ServerError as error:
            self._ill(server, str(error))
        except Exception:  # our bug: without this nobody would look after them any more
            log.exception("server not checked", engine=self.engine, server=server.address)
        else:
            self._well(server)
