"""The SMTP door with a line that lets everything pass, a sink behind it and smtplib before it.

Door and sink share a process with nothing else; clients are threads of another process, so that smtplib's own work
does not count against the door.  "direct" is the same client against the same sink without the door: what could be
reached at all on this machine with this client."""

from __future__ import annotations

import asyncio
import multiprocessing
import smtplib
import threading
import time
from collections.abc import Iterable, Sequence

import uvloop

from lazaretto.listeners.smtp import Smtp
from lazaretto.model import Address, Decision, Delivery, Direction, Envelope, Peer, Priority, Reply
from lazaretto.protocols.smtp.data import DataReader, stuff
from lazaretto.protocols.smtp.server import ServerCodec

HEADER = b"".join(b"X-Field-%d: some value of an ordinary length, %d\r\n" % (n, n) for n in range(25))
SMALL = HEADER + b"\r\n" + b"a line of text\r\n" * 300
LARGE = HEADER + b"\r\n" + b"a line of text\r\n" * 330_000  # 5 MB


class Nothing:
    """A line that does nothing."""

    hostname = "localhost"

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        return Direction.INBOUND

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        return Decision(Reply.ACCEPT, (Delivery(envelope.recipients),))


class Sink(asyncio.Protocol):
    """A server that says yes to everything and drops what it is given."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # of a stream server
        self._codec = ServerCodec()
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._codec.feed(data)
        out = b""
        while (event := self._codec.next_event()) is not None:
            verb = getattr(event, "verb", type(event).__name__)
            if verb == "DATA":
                self._codec.begin_data()
            out += _YES.get(verb, b"250 ok\r\n")
        if out:
            self._transport.write(out)


_YES = {
    "EHLO": b"250-sink\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME\r\n",
    "DATA": b"354 go\r\n",
    "Content": b"",
    "QUIT": b"221 bye\r\n",
}


def run() -> Iterable[tuple[str, float, str]]:
    """Name, value, unit."""
    yield "smtp: dots doubled and undone again, 5 MB", _codec(LARGE, 20), "MB/s"
    for name, raw, count, clients in (("5 KB", SMALL, 2000, 1), ("5 KB", SMALL, 4000, 8), ("5 MB", LARGE, 40, 2)):
        for what in ("direct", "door"):
            rate = _run(raw, count, clients, door=what == "door")
            yield f"smtp: messages of {name}, {clients} connections, {what}", rate, "1/s"


def _codec(raw: bytes, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        wire, reader = stuff(raw), DataReader()
        for at in range(0, len(wire), 65536):
            reader.feed(wire[at : at + 65536])
    return len(raw) * count / (time.perf_counter() - start) / 1e6


def _run(raw: bytes, count: int, clients: int, *, door: bool) -> float:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measure(raw, count, clients, door=door))


async def _measure(raw: bytes, count: int, clients: int, *, door: bool) -> float:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    smtp = Smtp(Smtp.Settings(listen="127.0.0.1:0", next_hop=address))
    await smtp.start(Nothing())
    receiver, sender = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_clients, args=(smtp.address if door else address, raw, count, clients, sender)
    )
    process.start()
    seconds = await loop.run_in_executor(None, receiver.recv)
    process.join()
    await smtp.stop(1)
    server.close()
    return count / float(seconds)


def _clients(address: str, raw: bytes, count: int, clients: int, sender: object) -> None:
    def client() -> None:
        host, port = address.split(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            for _ in range(count // clients):
                smtp.sendmail("alice@example.net", ["bob@example.org"], raw)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sender.send(time.perf_counter() - start)  # type: ignore[attr-defined]  # one end of a Pipe
