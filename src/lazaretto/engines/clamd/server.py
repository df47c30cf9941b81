"""One clamd, spoken to over a connection for each artifact: it forks no process for one, and what it says then
belongs to that artifact and to no other."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable
from typing import TypeVar

from lazaretto.config import host_port
from lazaretto.endpoint import UNIX
from lazaretto.errors import ProtocolError
from lazaretto.protocols.clamd import command, reply
from lazaretto.protocols.clamd.reply import ReplyReader, Verdict, Word
from lazaretto.remote.group import Refused, Server, ServerError
from lazaretto.remote.sheet import sheet

T = TypeVar("T")
_READ = 4096


class ClamdServer(Server):
    """``connect`` and ``timeout``: seconds to reach it, and for one artifact."""

    def __init__(self, address: str, connections: int, connect: float, timeout: float) -> None:
        super().__init__(address, connections)
        self._connect, self._timeout = connect, timeout
        self._descriptors = address.startswith(UNIX)

    async def check(self) -> str:
        line = await self._within(self._connect, self._version(), "to say its version")
        try:
            return reply.version(line)
        except ProtocolError as error:
            raise ServerError(str(error)) from None

    async def close(self) -> None:
        """Nothing is kept."""

    async def scan(self, data: bytes) -> Verdict:
        """Raises ServerError; Refused where it says that it cannot."""
        if not data:
            return Verdict(Word.OK)  # clamd says so too, or calls it an error, by its version
        line = await self._within(self._timeout, self._scan(data), "for its answer")
        try:
            verdict = reply.verdict(line)
        except ProtocolError as error:
            raise ServerError(str(error)) from None
        if verdict.word is Word.ERROR and not verdict.too_large:
            raise Refused(verdict.detail)
        return verdict

    async def _scan(self, data: bytes) -> str:
        if self._descriptors:
            line = await self._pass(data)
            # Of another container or confined by AppArmor, it may not touch what is opened elsewhere.
            if not line.endswith(" ERROR"):
                return line
            streamed = await self._stream(data)
            self._descriptors = streamed.endswith(" ERROR")  # else it is the descriptor that it could not read
            return streamed
        return await self._stream(data)

    async def _version(self) -> str:
        with await self._open() as connection:
            await _send(connection, command.VERSION)
            return await self._line(connection)

    async def _pass(self, data: bytes) -> str:
        """An open file that nobody can change any more, not even us."""
        loop = asyncio.get_running_loop()
        with await self._open() as connection:
            await _send(connection, command.FILDES)
            if len(data) > _IN_THREAD:
                file = await loop.run_in_executor(None, sheet, data)
            else:
                file = sheet(data)
            try:
                socket.send_fds(connection, [command.DUMMY], [file])
            except OSError as error:
                raise ServerError(_why(error)) from None
            finally:
                os.close(file)
            return await self._line(connection)

    async def _stream(self, data: bytes) -> str:
        with await self._open() as connection:
            view = memoryview(data)
            try:
                head = command.INSTREAM  # goes with the first chunk: a packet less
                for start in range(0, len(view), command.PORTION):
                    piece = view[start : start + command.PORTION]
                    tail = command.END if start + command.PORTION >= len(view) else b""
                    await _send(connection, b"".join((head, command.chunk(len(piece)), piece, tail)))
                    head = b""
            except ServerError as error:
                try:  # it hangs up on what is too large for it, and has said so before
                    return await self._line(connection)
                except ServerError:
                    raise error from None
            return await self._line(connection)

    async def _open(self) -> socket.socket:
        """Raises ServerError, of the fresh kind."""
        try:
            async with asyncio.timeout(self._connect):
                return await self._connected()
        except TimeoutError:
            raise ServerError(f"not reached within {self._connect:g} seconds", fresh=True) from None
        except OSError as error:
            raise ServerError(_why(error), fresh=True) from None

    async def _connected(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        if self.address.startswith(UNIX):
            return await _connect(socket.AF_UNIX, self.address.removeprefix(UNIX))
        host, port = host_port(self.address)
        last: OSError = OSError(errno.EADDRNOTAVAIL, "has no address")
        for family, _, _, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                return await _connect(family, address)
            except OSError as error:
                last = error
        raise last

    async def _line(self, connection: socket.socket) -> str:
        loop, reader = asyncio.get_running_loop(), ReplyReader()
        while True:
            try:
                data = await loop.sock_recv(connection, _READ)
                if not data:
                    raise ServerError("hung up without an answer")
                line = reader.feed(data)
            except (OSError, ProtocolError) as error:
                raise ServerError(_why(error)) from None
            if line is not None:
                return line

    async def _within(self, seconds: float, work: Awaitable[T], what: str) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError:
            raise ServerError(f"took more than {seconds:g} seconds {what}") from None


_IN_THREAD = 4 * 2**20  # bytes; copying as much keeps the event loop for a millisecond


async def _connect(family: int, address: object) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        if family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, address)  # type: ignore[arg-type]  # of any family
    except BaseException:  # cancelled too: nobody else knows the socket yet
        connection.close()
        raise
    return connection


async def _send(connection: socket.socket, data: bytes | memoryview) -> None:
    try:
        await asyncio.get_running_loop().sock_sendall(connection, data)
    except OSError as error:
        raise ServerError(_why(error)) from None


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
