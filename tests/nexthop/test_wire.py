from __future__ import annotations

import asyncio

import pytest
from tests.nexthop.sink import Sink

from lazaretto.errors import NextHopError
from lazaretto.nexthop import NextHop, Timeouts
from lazaretto.nexthop.wire import Wire


async def test_a_large_message_passes_in_portions() -> None:
    raw = b"".join(b".%d" % at + b"x" * 900 + b"\r\n" for at in range(20_000))
    async with Sink() as sink:
        assert (await NextHop(sink.address).send(raw, "a@b", ["c@d"]))[0].ok
    assert sink.mails[0].raw == raw


async def until_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for reply in (b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 x\r\n"):
        await reader.readuntil(b"\r\n")
        writer.write(reply)


async def test_a_server_that_stops_reading_is_given_up() -> None:
    async def stops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await until_data(reader, writer)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # of a read transport
        await asyncio.sleep(10)

    async with Sink(session=stops) as sink:
        hop = NextHop(sink.address, timeouts=Timeouts(data_block=0.2))
        with pytest.raises(NextHopError, match="took nothing"):
            await hop.send(b"x\r\n" * 10_000_000, "a@b", ["c@d"])


async def test_a_reply_before_the_end_of_the_data_is_heard() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await until_data(reader, writer)
        writer.write(b"552 5.3.4 enough\r\n")
        await reader.read(1000)

    async with Sink(session=hangs_up) as sink:
        replies = await NextHop(sink.address).send(b"x\r\n" * 5_000_000, "a@b", ["c@d"])
        assert replies[0].code == 552


async def test_an_unconnected_wire_says_so() -> None:
    wire = Wire("somewhere:25")
    assert wire.closed
    with pytest.raises(NextHopError, match="somewhere:25: not connected"):
        await wire.ask(b"NOOP\r\n", 1)
