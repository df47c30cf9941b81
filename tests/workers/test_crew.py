from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from lazaretto import config
from lazaretto.errors import WorkerError
from lazaretto.workers import crew
from lazaretto.workers.pool import Pool

OpenPool = Callable[..., AbstractAsyncContextManager[Any]]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]


def test_a_worker_is_replaced_after_its_time(
    open_pool: OpenPool, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    monkeypatch.setattr(crew, "RECYCLE_AFTER", 5)

    async def check() -> None:
        async with open_pool(count=1) as opened:
            pids = {(await opened.pool.inspect(b"x", None)).findings[0].evidence[1] for _ in range(20)}
            assert len(pids) == 4
            await eventually(lambda: len(opened.pids) == 1)
            assert opened.deaths == []

    asyncio.run(check())


def test_a_worker_that_has_grown_is_replaced(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1, memory=256) as opened:
            first = await opened.pool.inspect(b"DO:grow 20", None)
            second = await opened.pool.inspect(b"DO:grow 150", None)
            third = await opened.pool.inspect(b"x", None)
            pids = [each.findings[0].evidence[1] for each in (first, second, third)]
            assert pids[0] == pids[1] != pids[2]
            assert opened.deaths == []

    asyncio.run(check())


def test_a_worker_has_not_grown_by_what_it_shares(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1, memory=256) as opened:
            pids = [(await opened.pool.inspect(raw, None)).findings[0].evidence[1] for raw in (b"DO:touch 150", b"x")]
            assert pids[0] == pids[1]

    asyncio.run(check())


def test_two_workers_share_no_results(settings: Callable[..., config.Loaded]) -> None:
    """It takes two to make a result, and then there is nobody to be told."""

    async def check() -> None:
        for count in (1, 2, 3):
            made = crew.Crew(settings(), "none:None", count, Pool(settings()))
            assert (made.results.fd >= 0) is (count > 2)
            made.results.close()

    asyncio.run(check())


def test_workers_that_die_before_they_are_ready_are_an_error_at_the_start(
    open_pool: OpenPool, settings: Callable[..., config.Loaded]
) -> None:
    """A task whose version is fine but whose process cannot live: here, it has no address space left."""

    async def check() -> None:
        deaths: list[str] = []
        pool = Pool(settings(), job="lazaretto_test_jobs:Stillborn", on_death=deaths.append)
        with pytest.raises(WorkerError, match="the workers do not start: the last one ended with exit code 3"):
            await pool.start()
        assert len(deaths) >= crew.START_TRIES
        await pool.stop()

    asyncio.run(check())


def test_a_nursery_that_cannot_be_started_is_an_error(
    open_pool: OpenPool, settings: Callable[..., config.Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")

    async def check() -> None:
        pool = Pool(settings())
        with pytest.raises(WorkerError, match=r"the nursery cannot be started: .*No such file"):
            await pool.start()
        await pool.stop()

    asyncio.run(check())


def test_no_descriptors_left_is_an_answer_and_no_hang(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                with pytest.raises(WorkerError, match="cannot be handed to a worker: Too many open files"):
                    await opened.pool.inspect(bytes(1_000_000), None)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert (await opened.pool.inspect(bytes(1_000_000), None)).findings[0].source == "echo"

    asyncio.run(check())
