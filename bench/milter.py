"""The milter door with a line that lets everything pass: messages a second of the codec alone, and over loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence

from lazaretto.listeners.milter import Milter
from lazaretto.model import Address, Decision, Delivery, Direction, Envelope, Peer, Priority, Reply
from lazaretto.protocols import milter
from lazaretto.protocols.milter.mta import commands

HEADER = b"".join(b"X-Field-%d: some value of an ordinary length, %d\r\n" % (n, n) for n in range(25))
SMALL = HEADER + b"\r\n" + b"a line of text\r\n" * 300
LARGE = HEADER + b"\r\n" + b"a line of text\r\n" * 330_000  # 5 MB
TO = [b"<bob@example.org>"]


class Nothing:
    """A line that does nothing."""

    hostname = "localhost"

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        return Direction.INBOUND

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        return Decision(Reply.ACCEPT, (Delivery(envelope.recipients),))


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    yield "milter: messages of 5 KB, codec alone", _codec(SMALL, 2000), "1/s"
    for name, raw, count, clients in (("5 KB", SMALL, 2000, 1), ("5 KB", SMALL, 2000, 8), ("5 MB", LARGE, 40, 1)):
        rate = asyncio.run(_door(raw, count, clients))
        yield f"milter: messages of {name}, door and client in one process, {clients} connections", rate, "1/s"


def _codec(raw: bytes, count: int) -> float:
    mta, stream = _stream(raw)
    door = milter.FilterConnection(milter.Action(0), milter.Option(0x18F3C0))
    door.agree(mta.offer)
    start = time.perf_counter()
    for _ in range(count):
        door.receive(stream)
        while door.next_event() is not None:
            pass
        door.send(milter.Continue())
    return count / (time.perf_counter() - start)


def _stream(raw: bytes) -> tuple[milter.MtaConnection, bytes]:
    mta = milter.MtaConnection()
    mta.options = milter.Option(0x18F3C0)  # what our door asks for
    return mta, b"".join(map(mta.send, commands(raw, b"<alice@example.net>", TO)))


async def _door(raw: bytes, count: int, clients: int) -> float:
    door = Milter(Milter.Settings(listen="127.0.0.1:0"))
    await door.start(Nothing())
    mta, stream = _stream(raw)
    offer = mta.send(mta.offer)
    accepted = len(b"\0\0\0\1c")

    async def client() -> None:
        reader, writer = await asyncio.open_connection(*door.address.rsplit(":", 1))
        writer.write(offer)
        size = int.from_bytes(await reader.readexactly(4))
        await reader.readexactly(size)
        for _ in range(count // clients):
            writer.write(stream)
            await reader.readexactly(accepted)
        writer.close()
        await writer.wait_closed()

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    rate = count / (time.perf_counter() - start)
    await door.stop(1)
    return rate
