"""One ICAP service and the connections to it, which are kept for the next artifact."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap import chunked, offer, request, verdict
from lazaretto.protocols.icap.offer import Offer
from lazaretto.protocols.icap.reply import CONTINUE, Reply, ReplyReader
from lazaretto.protocols.icap.request import Method, Url
from lazaretto.protocols.icap.verdict import Answer
from lazaretto.remote.group import Refused, Server, ServerError

T = TypeVar("T")
MAX_IDLE = 5.0  # seconds that a connection is kept; servers hang up on idle ones sooner or later
_MORE = 1024 * 1024  # bytes that a page may be long which a service puts in a file's place
_READ = 64 * 1024
_ABOUT_THE_REQUEST = range(400, 500)


@dataclass(slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    since: float = 0.0  # idle
    used: bool = False

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.writer.transport.abort()


class IcapServer(Server):
    """``connect`` and ``timeout``: seconds to reach it, and for one artifact."""

    def __init__(self, address: str, connections: int, connect: float, timeout: float, method: Method) -> None:
        super().__init__(address, connections)
        self._most = connections
        self._url, self._method = Url.parse(address), method
        self._connect, self._timeout = connect, timeout
        self._offer: Offer | None = None
        self._until = 0.0  # when what it offers is to be asked anew
        self._idle: list[_Line] = []
        self._closed = False

    async def check(self) -> str:
        return await self._within(self._connect, self._options(), "to answer OPTIONS")

    async def close(self) -> None:
        """What is under way goes on, and keeps nothing open behind it."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)  # it closes with the loop's next turn

    async def scan(self, data: bytes, name: str, media_type: str, sha256: str) -> Answer:
        """Raises ServerError; Refused where it says that it cannot judge this one."""
        if not data:
            return Answer()  # services differ in how they send back nothing
        return await self._within(self._timeout, self._scan(data, name, media_type, sha256), "for its answer")

    async def _options(self) -> str:
        reply = await self._ask(request.options(self._url), None)
        try:
            self._offer = offer.read(reply)
        except ProtocolError as error:
            raise ServerError(str(error)) from None
        if self._method not in self._offer.methods:
            raise ServerError(f"offers {', '.join(sorted(self._offer.methods))} and not {self._method}")
        self._until = time.monotonic() + self._offer.ttl
        # RFC 3507, 4.10.2: more connections it would refuse.
        self.connections = min(self._most, self._offer.max_connections or self._most)
        return self._offer.istag or self._offer.service or "ICAP"

    async def _scan(self, data: bytes, name: str, media_type: str, sha256: str) -> Answer:
        if self._offer is None or time.monotonic() >= self._until:
            self.version = await self._options()
        preview, allow_204 = (self._offer.preview, self._offer.allow_204) if self._offer else (None, False)
        preview = None if preview is None else min(preview, len(data))
        head = request.modification(
            self._url, self._method, name, media_type, len(data), preview=preview, allow_204=allow_204
        )
        reply = await self._ask(head, data, preview)
        if istag := reply.head.get("istag").strip('"')[:100]:
            self.version = istag
        try:
            return verdict.read(reply, len(data), sha256)
        except ProtocolError as error:
            # RFC 3507, 4.3.3: what begins with 4 is about this request, what begins with 5 about the server.
            if reply.status in _ABOUT_THE_REQUEST:
                raise Refused(str(error)) from None
            raise ServerError(str(error)) from None

    async def _ask(self, head: bytes, data: bytes | None, preview: int | None = None) -> Reply:
        """``data`` None: there is no body."""
        while True:
            line = await self._line()
            kept = line.used
            try:
                reply, reusable = await _exchange(line, head, data, preview)
            except _HungUp as error:
                line.close()
                if not kept:
                    raise ServerError(str(error)) from None
                continue  # while nobody asked anything; there are as many of those as are kept
            except (OSError, ProtocolError) as error:
                line.close()
                raise ServerError(str(error) or type(error).__name__) from None
            except BaseException:  # cancelled too: in the middle of an answer it is of no use to the next
                line.close()
                raise
            self._keep(line, reusable=reusable)
            return reply

    def _keep(self, line: _Line, *, reusable: bool) -> None:
        if reusable and not self._closed and len(self._idle) < self.connections:
            line.since, line.used = time.monotonic(), True
            self._idle.append(line)
        else:
            line.close()

    async def _line(self) -> _Line:
        """Raises ServerError, of the fresh kind."""
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.since < MAX_IDLE and await _is_silent(line):
                return line
            line.close()
        context = ssl.create_default_context() if self._url.tls else None
        try:
            async with asyncio.timeout(self._connect):
                return _Line(*await asyncio.open_connection(self._url.host, self._url.port, ssl=context))
        except TimeoutError:
            raise ServerError(f"not reached within {self._connect:g} seconds", fresh=True) from None
        except OSError as error:  # ssl.SSLError is one
            raise ServerError(error.strerror or str(error), fresh=True) from None

    async def _within(self, seconds: float, work: Awaitable[T], what: str) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            raise ServerError(f"took more than {seconds:g} seconds {what}") from None


# ---------------------------------------------------------------------------- one request and its reply


async def _is_silent(line: _Line) -> bool:
    """Whether nothing has come since the last answer: what has, an end or one answer more, would be taken for the next
    artifact's."""
    try:
        async with asyncio.timeout(0):
            await line.reader.read(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


class _HungUp(Exception):
    """Before it had said anything."""


async def _exchange(line: _Line, head: bytes, data: bytes | None, preview: int | None) -> tuple[Reply, bool]:
    """The reply, and whether the connection may be used again.  Raises _HungUp, OSError, ProtocolError."""
    if data is None:
        return await _talk(line, iter((head,)), _MORE)
    most, view = len(data) + _MORE, memoryview(data)
    if preview is None:
        return await _talk(line, itertools.chain((head,), _chunks(view)), most)
    whole = preview >= len(data)
    first = head + chunked.chunk(view[:preview]) + (chunked.WHOLE if whole else chunked.LAST)
    reply, reusable = await _talk(line, iter((first,)), most)
    if reply.status != CONTINUE:
        return reply, reusable
    if whole:
        raise ProtocolError("asks to go on where there is nothing more")
    reply, reusable = await _talk(line, _chunks(view[preview:]), most)
    if reply.status == CONTINUE:
        raise ProtocolError("asks to go on twice")
    return reply, reusable


def _chunks(view: memoryview) -> Iterator[bytes]:
    for start in range(0, len(view), chunked.PORTION):
        yield chunked.chunk(view[start : start + chunked.PORTION])
    yield chunked.LAST


async def _talk(line: _Line, pieces: Iterator[bytes], most: int) -> tuple[Reply, bool]:
    """Sends and reads at the same time: a service may answer before it has seen all, and then reads no more."""
    sending = asyncio.create_task(_send(line.writer, pieces))
    reader = ReplyReader(most)
    try:
        while True:
            data = await line.reader.read(_READ)
            if not data:
                raise ProtocolError("hung up within its answer") if reader.begun else _HungUp("hung up, no answer")
            if reply := reader.feed(data):
                break
    except ConnectionError as error:
        if reader.begun:
            raise
        raise _HungUp(str(error)) from None
    finally:
        sent = sending.done() and not sending.cancelled() and sending.exception() is None
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    if reader.rest:
        raise ProtocolError("more than one reply")
    return reply, sent and reply.reusable


async def _send(writer: asyncio.StreamWriter, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
