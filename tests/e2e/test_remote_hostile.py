"""Engines that ask servers which misbehave, while configurations change and workers die: no mail is lost, and none is
clean that nobody has judged."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.servers.played import Serve, played

from lazaretto import config
from lazaretto.model import Inspection, Kind, Status
from lazaretto.testing import envelope, mail
from lazaretto.workers.pool import Pool

pytestmark = pytest.mark.e2e

MAIL = mail("text", subject="x", attachments={"a.bin": b"\0\1\2"})
VERSION = b"ClamAV 1.4.3/27800/Mon Nov 23 08:00:00 2026\0"


def answering(scan: bytes, *, after: float = 0.0, version: bytes = VERSION) -> Serve:
    """A clamd on TCP with one answer to all; b"" is silence."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        if command == b"zVERSION\0":
            writer.write(version)
        else:
            while size := int.from_bytes(await reader.readexactly(4), "big"):
                await reader.readexactly(size)
            await asyncio.sleep(after)
            if not scan:
                await reader.read()
            writer.write(scan)
        await writer.drain()

    return serve


def configured(port: int | None, **given: Any) -> config.Loaded:
    clamd = {"servers": [f"127.0.0.1:{port}"], "connect_timeout": 1, **given}
    engines = {"clamd": clamd} if port else {}
    return config.Loaded(config.Config.model_validate({"workers": {"count": 1}, "engines": engines}), None)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def many(pool: Pool, count: int) -> list[Inspection]:
    return await asyncio.gather(*(pool.inspect(MAIL, envelope()) for _ in range(count)))


@pytest.mark.parametrize(
    ("scan", "way", "status"),
    [
        (b"", "defer", Status.UNSCANNABLE),
        (b"", "pass", Status.CLEAN),
        (b"stream: OK", "defer", Status.UNSCANNABLE),
        (b"stream: OK\0stream: OK\0", "defer", Status.UNSCANNABLE),
        (b"x" * 100_000, "defer", Status.UNSCANNABLE),
    ],
)
def test_many_mails_and_a_server_that_makes_no_sense(scan: bytes, way: str, status: Status) -> None:
    async def main() -> None:
        async with played(answering(scan)) as port:
            pool = Pool(configured(port, timeout=0.3, deadline=3, on_failure=way))
            await pool.start()
            try:
                await many(pool, 4)
                before = descriptors()
                found = await many(pool, 150)
                assert {each.status for each in found} == {status}
                assert all(any(of.kind is Kind.FAILED for of in each.findings) for each in found)
                assert pool.remotes()[0].busy == 0
                await asyncio.sleep(0.3)
                assert descriptors() <= before + 4
            finally:
                await pool.stop()

    asyncio.run(main())


@pytest.mark.parametrize("begin", ["with", "without"])
def test_reloads_while_mails_wait(begin: str) -> None:
    """Those that wait are judged by who is asked when their turn comes."""

    async def main() -> None:
        async with played(answering(b"stream: Found.It FOUND\0", after=0.01)) as port:
            asking, alone = configured(port), configured(None)
            first, second = (asking, alone) if begin == "with" else (alone, asking)
            pool = Pool(first)
            await pool.start()
            pids = {each.pid for each in pool.status().workers}
            try:
                reloading = asyncio.create_task(pool.reload(second))
                found: list[Inspection] = []
                while not reloading.done():
                    found += await many(pool, 40)
                await reloading
                assert {each.status for each in found} <= {Status.INFECTED, Status.CLEAN}
                assert not [each for of in found for each in of.findings if each.kind is Kind.FAILED]
                (last,) = await many(pool, 1)
                assert last.status is (Status.CLEAN if begin == "with" else Status.INFECTED)
                assert pids.isdisjoint(each.pid for each in pool.status().workers)
            finally:
                await pool.stop()

    asyncio.run(main())


def test_workers_killed_while_others_judge_what_they_handed_out() -> None:
    async def main() -> None:
        async with played(answering(b"stream: Found.It FOUND\0", after=0.3)) as port:
            pool = Pool(configured(port))
            await pool.start()
            try:
                waiting = asyncio.create_task(many(pool, 20))
                await asyncio.sleep(0.02)
                for each in pool.status().workers:
                    os.kill(each.pid, signal.SIGKILL)
                found = await waiting
                assert {each.status for each in found} == {Status.INFECTED}
                assert {sum(of.name == "Found.It" for of in each.findings) for each in found} == {2}
            finally:
                await pool.stop()

    asyncio.run(main())


def test_a_pool_that_begins_with_a_reload_asks_too() -> None:
    """As a node does, which chooses among sets of patterns first."""

    async def main() -> None:
        async with played(answering(b"stream: Found.It FOUND\0")) as port:
            pool = Pool(configured(port))
            await pool.reload()
            try:
                assert {each.status for each in await many(pool, 2)} == {Status.INFECTED}
                assert len(pool.remotes()) == 1
            finally:
                await pool.stop()

    asyncio.run(main())
