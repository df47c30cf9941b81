"""A mail server in the test's own event loop, read line by line: slow, obvious, and able to misbehave."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HANG_UP = "hang up"
OFFERS = ("PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN")


Session = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Mail:
    sender: str  # all that followed "FROM:"
    recipients: list[str] = field(default_factory=list)
    raw: bytes = b""
    xforward: list[str] = field(default_factory=list)


class Sink:
    """``answer(command, sink)`` may give another reply, HANG_UP, or None for the usual one; the end of data is
    the command ".".  ``session`` takes over after the greeting."""

    def __init__(
        self,
        *,
        lmtp: bool = False,
        offers: tuple[str, ...] = OFFERS,
        answer: Callable[[str], str | None] = lambda command: None,
        context: ssl.SSLContext | None = None,
        path: str = "",
        session: Session | None = None,
    ) -> None:
        self.lmtp, self.offers, self.answer, self.context, self.path = lmtp, offers, answer, context, path
        self.greeting = "220 sink"
        self.session = session or self._session
        self.mails: list[Mail] = []
        self.commands: list[str] = []
        self.connections = 0
        self.tls = 0
        self.address = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if self.path:
            self._server = await asyncio.start_unix_server(self._serve, self.path)
            self.address = f"unix:{self.path}"
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**26)
            self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0.02)  # the other ends notice

    def hang_up(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def said(self, verb: str) -> list[str]:
        return [command for command in self.commands if command.split(" ")[0].upper() == verb]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self._writers.add(writer)
        try:
            writer.write(f"{self.greeting}\r\n".encode())
            await self.session(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail: Mail | None = None
        xforward: list[str] = []
        while True:
            command = (await reader.readuntil(b"\r\n")).decode()[:-2]
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            reply = self.answer(command) or self._usual(verb, mail)
            if reply == HANG_UP:
                return
            writer.write(f"{reply}\r\n".encode())
            if verb == "QUIT":
                return
            if verb == "STARTTLS" and reply.startswith("220") and self.context:
                await writer.start_tls(self.context)
                self.tls += 1
            if verb == "XFORWARD":
                xforward.append(command[9:])
            if not reply.startswith(("2", "3")):
                continue
            if verb == "MAIL":
                mail, xforward = Mail(command[10:], xforward=xforward), []
            elif verb == "RCPT" and mail:
                mail.recipients.append(command[8:])
            elif verb == "RSET":
                mail = None
            elif verb == "DATA" and mail:
                if not await self._data(reader, writer, mail):
                    return
                mail = None

    def _usual(self, verb: str, mail: Mail | None) -> str:
        if verb in ("EHLO", "LHLO"):
            lines = ["sink", *self.offers, *(["STARTTLS"] if self.context and not self.tls else [])]
            return "\r\n".join(f"250{'-' if at < len(lines) - 1 else ' '}{line}" for at, line in enumerate(lines))
        if verb == "DATA":
            return "354 go" if mail and mail.recipients else "503 5.5.1 no"
        return {"QUIT": "221 bye", "STARTTLS": "220 go"}.get(verb, f"250 2.0.0 {verb} ok")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: Mail) -> bool:
        lines = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        mail.raw = b"".join(lines)
        replies = []
        for recipient in mail.recipients if self.lmtp else [""]:
            replies.append(self.answer(f". {recipient}".strip()) or "250 2.0.0 taken")
        if HANG_UP in replies:
            return False
        if any(reply.startswith("2") for reply in replies):
            self.mails.append(mail)
        writer.write("".join(f"{reply}\r\n" for reply in replies).encode())
        return True
