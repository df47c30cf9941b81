from __future__ import annotations

import asyncio
from pathlib import Path

from tests.nexthop.sink import Sink
from tests.protocols.test_proxyheader import version_2
from tests.smtpd.doors import Line, connected, opened

from lazaretto.smtpd.connection import BACKLOG


async def test_the_proxy_header_names_the_client(sink: Sink) -> None:
    for header, ip in (
        (b"PROXY TCP4 192.0.2.7 127.0.0.1 1 25\r\n", "192.0.2.7"),
        (version_2("2001:db8::7"), "2001:db8::7"),
        (version_2("::ffff:192.0.2.7"), "192.0.2.7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    ):
        line = Line()
        async with opened(sink, line, proxy_protocol=True) as door, connected(door, greeted=False) as peer:
            for at in range(len(header)):
                peer.writer.write(header[at : at + 1])
                await asyncio.sleep(0)
            assert str(await peer.hear()).startswith("220")
            assert ("XCLIENT" in await peer.ask("EHLO x")) == (ip == "127.0.0.1"), "the client is not the balancer"
            assert (await peer.send(b"x\r\n")).startswith("250")
        assert line.seen[0][1].peer.ip == ip


async def test_a_trusted_peer_without_its_header_is_let_go(sink: Sink) -> None:
    async with opened(sink, proxy_protocol=True) as door, connected(door, greeted=False) as peer:
        peer.writer.write(b"EHLO x\r\n")
        assert await peer.hear() is None


async def test_a_stranger_s_header_is_a_bad_command(sink: Sink) -> None:
    async with opened(sink, proxy_protocol=True, trusted=()) as door, connected(door) as peer:
        assert (await peer.ask("PROXY TCP4 192.0.2.7 127.0.0.1 1 25")).startswith("500")


async def test_commands_take_their_time_but_not_for_ever(sink: Sink) -> None:
    async with opened(sink, command_timeout=0.1) as door, connected(door) as peer:
        peer.writer.write(b"NO")
        await asyncio.sleep(0.06)
        peer.writer.write(b"OP")  # a byte now and then buys no time
        assert str(await peer.hear()).startswith("421 4.4.2")
        assert await peer.hear() is None


async def test_who_does_not_wait_is_not_read(sink: Sink) -> None:
    """While a command is answered the backlog is bounded: the rest stays in the network."""
    go_on = asyncio.Event()

    async with opened(sink) as door, connected(door) as peer:
        original = door.next_hop.open

        async def slow(*given: object) -> object:
            await go_on.wait()
            return await original(*given)  # type: ignore[arg-type]  # as it was called

        door.next_hop.open = slow  # type: ignore[method-assign, assignment]  # a next hop that takes its time
        await peer.ask("EHLO x")
        count = 100_000
        peer.writer.write(b"MAIL FROM:<a@b>\r\n" + b"NOOP\r\n" * count)
        await asyncio.sleep(0.2)
        (connection,) = door._connections
        assert BACKLOG < connection.codec.pending < BACKLOG + 300_000
        go_on.set()
        for _ in range(count + 1):
            reply = await peer.hear()
        assert str(reply) == "250 2.0.0 Ok"


async def test_a_peer_that_does_not_listen_is_let_go(sink: Sink) -> None:
    async with opened(sink, command_timeout=0.2) as door, connected(door) as peer:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a read transport
        peer.writer.write(b"HELP\r\n" * 2_000_000)
        for _ in range(100):
            await asyncio.sleep(0.05)
            if not door._connections:
                break
        assert not door._connections


async def test_a_unix_socket_is_trusted(sink: Sink, tmp_path: Path) -> None:
    line = Line()
    async with opened(sink, line, listen=f"unix:{tmp_path}/door") as door:
        assert door.address == f"{tmp_path}/door"
        async with connected(door) as peer:
            assert "XCLIENT" in await peer.ask("EHLO x")
            assert (await peer.send(b"x\r\n")).startswith("250")
    assert line.seen[0][1].peer.ip == ""
    assert not (tmp_path / "door").exists()


async def test_our_own_mistakes_are_temporary_for_the_peer(sink: Sink) -> None:
    line = Line(lambda raw, envelope: None)  # type: ignore[arg-type, return-value]  # a mistake
    async with opened(sink, line) as door, connected(door) as peer:
        assert (await peer.send(b"x\r\n")).startswith("421 4.3.0")
        assert await peer.hear() is None
        assert not sink.mails
