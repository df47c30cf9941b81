"""Against services that behave badly; the well-behaved ones are in tests/transcripts and tests/e2e/test_remote.py."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from tests.e2e.servers.played import Serve, played

from lazaretto.engines.icap.server import IcapServer
from lazaretto.protocols.icap.request import Method
from lazaretto.protocols.icap.verdict import Answer
from lazaretto.remote.group import Refused, ServerError

OFFER = b"ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nAllow: 204\r\nEncapsulated: null-body=0\r\n\r\n"
UNMODIFIED = b"ICAP/1.0 204 Unmodified\r\n\r\n"


def answering(*replies: bytes, then: str = "wait") -> Serve:
    """One reply to each request, whatever it says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for reply in replies:
                head = await reader.readuntil(b"\r\n\r\n")
                if not head.startswith(b"OPTIONS"):
                    await reader.readuntil(b"0\r\n\r\n")
                writer.write(reply)
                await writer.drain()
            if then == "wait":
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    return serve


def scan(serve: Serve, times: int = 1, method: Method = Method.RESPMOD, data: bytes = b"data") -> list[Answer]:
    async def main() -> list[Answer]:
        async with played(serve) as port:
            server = IcapServer(f"icap://127.0.0.1:{port}/x", 2, 1, 0.5, method)
            found = []
            try:
                for _ in range(times):
                    found.append(await server.scan(data, "", "a/b", hashlib.sha256(data).hexdigest()))
                    await asyncio.sleep(0.05)
            finally:
                await server.close()
            return found

    return asyncio.run(main())


def test_one_connection_serves_many() -> None:
    assert all(each.clean for each in scan(answering(OFFER, *[UNMODIFIED] * 5), 5))


def test_a_kept_connection_that_was_closed_costs_nothing() -> None:
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        await answering(*((OFFER,) if count == 1 else ()), UNMODIFIED, then="close")(reader, writer)

    assert all(each.clean for each in scan(serve, 3))
    assert count == 3


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"", "took more than"),
        (b"ICAP/1.0 204 Unmodified\r\n", "took more than"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "not a status line"),
        (UNMODIFIED + UNMODIFIED, "more than one reply"),
        (b"ICAP/1.0 503 Overloaded\r\n\r\n", "503"),
        (b"ICAP/1.0 200 OK\r\n\r\n", "nothing in it"),
        (b"ICAP/1.0 100 Continue\r\n\r\n", "100"),
        (b"x" * 100_000, "more than 65536 octets"),
        (b"ICAP/1.0 200 OK\r\nEncapsulated: res-body=0\r\n\r\n" + b"ffffff\r\n" + bytes(2**21), "a body of more than"),
    ],
)
def test_what_is_no_answer(reply: bytes, why: str) -> None:
    with pytest.raises(ServerError, match=why):
        scan(answering(OFFER, reply))


def test_one_that_hangs_up_at_once() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(OFFER if head.startswith(b"OPTIONS") else b"")

    with pytest.raises(ServerError, match="hung up"):
        scan(serve)


def test_one_that_refuses_this_request() -> None:
    with pytest.raises(Refused, match="408"):
        scan(answering(OFFER, b"ICAP/1.0 408 Time-out\r\n\r\n"))


def test_one_that_does_not_offer_the_method() -> None:
    with pytest.raises(ServerError, match="offers RESPMOD and not REQMOD"):
        scan(answering(OFFER), method=Method.REQMOD)


def test_one_that_answers_before_it_has_seen_all() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OFFER)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"ICAP/1.0 204 No\r\nX-Virus-ID: Early\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.3)
        writer.close()

    (answer,) = scan(serve, data=bytes(20 * 2**20))
    assert [each.name for each in answer.threats] == ["Early"]


def test_an_answer_too_many_is_nobodys() -> None:
    """What came while nobody asked is not taken for the answer about the next file."""
    infected = b"ICAP/1.0 204 Unmodified\r\nX-Virus-ID: Found.It\r\n\r\n"
    served = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal served
        while head := await reader.readuntil(b"\r\n\r\n"):
            if head.startswith(b"OPTIONS"):
                writer.write(OFFER)
                continue
            await reader.readuntil(b"0\r\n\r\n")
            served += 1
            writer.write(infected if served == 2 else UNMODIFIED)
            await writer.drain()
            if served == 1:
                await asyncio.sleep(0.02)
                writer.write(UNMODIFIED)

    assert [each.clean for each in scan(serve, 3)] == [True, False, True]


def test_nothing_is_clean_and_needs_no_service() -> None:
    assert scan(answering(), data=b"")[0].clean


def test_a_scan_that_ends_after_its_server_was_closed_keeps_nothing_open() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            asks = head.startswith(b"OPTIONS")
            if not asks:
                await reader.readuntil(b"0\r\n\r\n")
            writer.write(OFFER if asks else UNMODIFIED)

    async def main() -> None:
        async with played(serve) as port:
            server = IcapServer(f"icap://127.0.0.1:{port}/x", 2, 1, 0.5, Method.RESPMOD)
            under_way = asyncio.create_task(server.scan(b"data", "", "a/b", ""))
            await asyncio.sleep(0)
            await server.close()
            assert (await under_way).clean
            assert server._idle == []

    asyncio.run(main())
