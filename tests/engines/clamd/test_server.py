"""Against servers that behave badly; the well-behaved ones are in tests/transcripts and tests/e2e/test_remote.py."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest
from tests.e2e.servers.played import Serve, played

from lazaretto.engines.clamd.server import ClamdServer
from lazaretto.protocols.clamd.reply import Word
from lazaretto.remote.group import Refused, ServerError


def scan(serve: Serve, data: bytes = b"data", timeout: float = 0.5) -> Word:
    async def main() -> Word:
        async with played(serve) as port:
            return (await ClamdServer(f"127.0.0.1:{port}", 1, 1, timeout).scan(data)).word

    return asyncio.run(main())


def test_one_that_says_nothing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    with pytest.raises(ServerError, match=r"took more than 0\.5 seconds"):
        scan(serve)


def test_one_that_takes_nothing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)
        writer.close()

    with pytest.raises(ServerError, match=r"took more than 0\.5 seconds"):
        scan(serve, bytes(20 * 2**20))


def test_one_that_speaks_without_end() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"x" * 1000)
                await writer.drain()
        except ConnectionError:
            writer.close()

    with pytest.raises(ServerError, match="more than 8192 octets"):
        scan(serve)


@pytest.mark.parametrize("when", [0, 100_000])
def test_one_that_hangs_up(when: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if when:
            await reader.readexactly(when)
        writer.transport.abort()

    with pytest.raises(ServerError) as error:
        scan(serve, bytes(5 * 2**20))
    assert not error.value.fresh


def test_one_that_refuses_in_the_middle_has_said_why() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100_000)
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        await writer.drain()
        writer.close()

    assert scan(serve, bytes(20 * 2**20), 5) is Word.ERROR


def test_one_that_cannot() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"stream: Can't allocate memory ERROR\0")
        writer.close()

    with pytest.raises(Refused, match="allocate"):
        scan(serve)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for address in (f"127.0.0.1:{port}", "unix:/nowhere/clamd.ctl"):
        with pytest.raises(ServerError) as error:
            asyncio.run(ClamdServer(address, 1, 1, 1).scan(b"data"))
        assert error.value.fresh


def test_one_that_cannot_read_the_descriptor_gets_the_bytes(tmp_path: Path) -> None:
    """As clamd does that AppArmor keeps from files of others."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        asked.append(command)
        writer.write(b"fd[9]: Access denied. ERROR\0" if b"FILDES" in command else b"stream: OK\0")
        await writer.drain()
        writer.close()

    async def main() -> None:
        path = str(tmp_path / "ctl")
        async with played(serve, path):
            server = ClamdServer(f"unix:{path}", 1, 1, 1)
            for _ in range(2):
                assert (await server.scan(b"data")).word is Word.OK

    before = len(os.listdir("/proc/self/fd"))
    asyncio.run(main())
    assert asked == [b"zFILDES\0", b"zINSTREAM\0", b"zINSTREAM\0"]
    assert len(os.listdir("/proc/self/fd")) == before
