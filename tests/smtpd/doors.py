"""A door between a peer that speaks raw bytes and a sink, with a line that decides as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from tests.nexthop.sink import Sink

from lazaretto.model import Address, Decision, Delivery, Direction, Envelope, Peer, Priority
from lazaretto.model import Reply as Word
from lazaretto.protocols.smtp.reply import Reply, ReplyReader
from lazaretto.smtpd.door import Door
from lazaretto.smtpd.settings import DoorSettings

Decide = Callable[[bytes, Envelope], Decision | Awaitable[Decision]]


def accept(raw: bytes, envelope: Envelope) -> Decision:
    return Decision(Word.ACCEPT, (Delivery(envelope.recipients),))


class Line:
    hostname = "door.example"

    def __init__(self, decide: Decide = accept) -> None:
        self.decide = decide
        self.seen: list[tuple[bytes, Envelope]] = []

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        return Direction.INBOUND

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        self.seen.append((raw, envelope))
        decision = self.decide(raw, envelope)
        return decision if isinstance(decision, Decision) else await decision


class Client:
    """Says bytes, hears replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.replies = reader, writer, ReplyReader()

    @classmethod
    async def connect(cls, address: str) -> Client:
        if address.startswith("/"):
            return cls(*await asyncio.open_unix_connection(address))
        host, port = address.split(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def hear(self) -> Reply | None:
        """The next reply; None when the door has hung up."""
        async with asyncio.timeout(5):
            while (reply := self.replies.next_reply()) is None:
                data = await self.reader.read(65536)
                if not data:
                    return None
                self.replies.feed(data)
        return reply

    async def ask(self, *lines: str | bytes) -> str:
        """Writes the lines at once, hears a reply for each; the last one."""
        self.writer.write(b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines))
        reply: Reply | None = None
        for _ in lines:
            reply = await self.hear()
        return str(reply)

    async def begin(self, sender: str = "a@b.example", *recipients: str) -> None:
        """Up to 354."""
        to = [f"RCPT TO:<{each}>" for each in recipients or ("c@d.example",)]
        assert (await self.ask("EHLO me.example")).startswith("250")
        assert (await self.ask(f"MAIL FROM:<{sender}>", *to)).startswith("250")
        assert (await self.ask("DATA")).startswith("354")

    async def send(self, raw: bytes, sender: str = "a@b.example", *recipients: str) -> str:
        """A whole message; the reply to its data."""
        await self.begin(sender, *recipients)
        return await self.ask(raw + b".")

    async def start_tls(self, context: ssl.SSLContext) -> None:
        await self.writer.start_tls(context, server_hostname="localhost")


@contextlib.asynccontextmanager
async def opened(
    sink: Sink | str, line: Line | None = None, *, lmtp: bool = False, **settings: Any
) -> AsyncIterator[Door]:
    settings = {"listen": "127.0.0.1:0", "next_hop": sink if isinstance(sink, str) else sink.address} | settings
    next_hop_lmtp = not isinstance(sink, str) and sink.lmtp
    door = Door("test", DoorSettings(**settings), line or Line(), lmtp=lmtp, next_hop_lmtp=next_hop_lmtp)
    await door.start()
    try:
        yield door
    finally:
        await door.stop(0.2)


@contextlib.asynccontextmanager
async def connected(door: Door, *, greeted: bool = True) -> AsyncIterator[Client]:
    client = await Client.connect(door.address)
    try:
        if greeted:
            assert str(await client.hear()).startswith("220 door.example")
        yield client
    finally:
        client.writer.transport.abort()
        await asyncio.sleep(0.01)
