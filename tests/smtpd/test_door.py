from __future__ import annotations

import asyncio
import socket

import pytest
import uvloop
from tests.nexthop.sink import Sink
from tests.smtpd.doors import Line, accept, connected, opened

from lazaretto.errors import ConfigError
from lazaretto.model import Decision, Envelope


async def test_an_address_in_use_is_the_operator_s_to_change(sink: Sink) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(ConfigError, match=r"\[listeners\.test\]"):
        async with opened(sink, listen=f"127.0.0.1:{other.getsockname()[1]}"):
            pass


async def test_too_many_connections(sink: Sink) -> None:
    async with opened(sink, max_connections=2) as door, connected(door), connected(door):  # noqa: SIM117 (two, then one)
        async with connected(door, greeted=False) as third:
            assert str(await third.hear()).startswith("421 4.3.2")
            assert await third.hear() is None


async def test_too_many_from_one_address(sink: Sink) -> None:
    async with opened(sink, max_connections_per_ip=1, trusted=()) as door:
        async with connected(door), connected(door, greeted=False) as second:
            assert str(await second.hear()).startswith("421 4.7.0")
        async with connected(door) as again:
            assert (await again.ask("NOOP")).startswith("250")


async def test_idle_peers_are_told_and_messages_end(sink: Sink) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(raw: bytes, envelope: Envelope) -> Decision:
        begun.set()
        await go_on.wait()
        return accept(raw, envelope)

    async with opened(sink, Line(slow)) as door, connected(door) as idle, connected(door) as busy:
        await busy.begin()
        busy.writer.write(b"x\r\n.\r\n")
        await begun.wait()
        stopping = asyncio.create_task(door.stop(5))
        assert str(await idle.hear()).startswith("421 4.3.2")
        with pytest.raises(ConnectionRefusedError):
            async with connected(door):
                pass
        go_on.set()
        assert str(await busy.hear()).startswith("250")
        assert str(await busy.hear()).startswith("421 4.3.2")
        await stopping
    assert len(sink.mails) == 1


async def test_grace_has_an_end(sink: Sink) -> None:
    begun = asyncio.Event()

    async def never(raw: bytes, envelope: Envelope) -> Decision:
        begun.set()
        await asyncio.sleep(60)
        return accept(raw, envelope)

    async with opened(sink, Line(never)) as door, connected(door) as peer:
        await peer.begin()
        peer.writer.write(b"x\r\n.\r\n")
        await begun.wait()
        await door.stop(0.1)
        assert await peer.hear() is None, "neither accepted nor refused: it will come again"
        assert door.admission.held == 0
    assert not sink.mails


async def test_many_at_once(sink: Sink) -> None:
    async def one(door_number: int) -> None:
        async with connected(door) as peer:
            for _ in range(5):
                assert (await peer.send(b"%d\r\n" % door_number)).startswith("250")

    async with opened(sink) as door:
        await asyncio.gather(*map(one, range(12)))
    assert sorted(mail.raw for mail in sink.mails) == sorted(
        b"%d\r\n" % number for number in range(12) for _ in range(5)
    )
    assert sink.connections <= 13, "connections to the next hop are used again"


def test_on_uvloop() -> None:
    """Its transports are another family than asyncio's."""

    async def main() -> None:
        async with Sink() as sink, opened(sink) as door, connected(door) as peer:
            raw = b"x" * 70 + b"\r\n"
            assert (await peer.send(raw * 20_000)).startswith("250")
            assert len(sink.mails[0].raw) == len(raw) * 20_000

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def test_who_has_not_said_who_it_is_does_not_hold_up_the_end(sink: Sink) -> None:
    async with opened(sink, proxy_protocol=True) as door, connected(door, greeted=False) as peer:
        while not door._connections:
            await asyncio.sleep(0.01)
        await door.stop(5)
        assert not door._connections
        assert str(await peer.hear()).startswith("421 4.3.2")
