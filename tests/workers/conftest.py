"""Real pools with real processes, and a check that nothing of them is left."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lazaretto import config
from lazaretto.workers.pool import Pool

ECHO = "lazaretto_test_jobs:Echo"


@dataclass
class Opened:
    """A running pool and what it said of deaths."""

    pool: Pool
    deaths: list[str]

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self.pool.status().workers]


OpenPool = Callable[..., AbstractAsyncContextManager[Opened]]


def make_settings(hostname: str = "test", **workers: object) -> config.Loaded:
    given = {"count": 2, "deadline": 20.0, "memory": 256, **workers}
    return config.Loaded(config.Config.model_validate({"hostname": hostname, "workers": given}), None)


def children(pid: int) -> list[int]:
    """Processes below this one, from /proc."""
    text = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(each) for each in text.read_text().split()]
    except OSError:
        return []
    return found + [below for each in found for below in children(each)]


def descriptors() -> dict[str, str]:
    found = {}
    for each in Path("/proc/self/fd").iterdir():
        try:
            found[each.name] = os.readlink(each)
        except OSError:
            continue  # the one that lists them
    return found


@pytest.fixture
def open_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPool]:
    """``async with open_pool(count=1) as opened:``; afterwards no process and no descriptor may be left."""
    places = (Path(__file__).parent, Path(config.__file__).parents[1])  # the nursery is to run the code under test
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, places)))
    before = set(children(os.getpid()))

    @asynccontextmanager
    async def opening(hostname: str = "test", **workers: object) -> AsyncIterator[Opened]:
        deaths: list[str] = []
        opened = Opened(Pool(make_settings(hostname, **workers), job=ECHO, on_death=deaths.append), deaths)
        fds = descriptors()
        await opened.pool.start()
        try:
            yield opened
        finally:
            await opened.pool.stop(5)
            left = {fd: what for fd, what in descriptors().items() if fd not in fds}
            assert not left, f"left open: {left}"

    yield opening
    until = time.monotonic() + 5
    while stray := set(children(os.getpid())) - before:
        assert time.monotonic() < until, f"processes are left: {stray}"
        time.sleep(0.05)


@pytest.fixture
def settings() -> Callable[..., config.Loaded]:
    return make_settings


@pytest.fixture
def in_child() -> Callable[[Callable[[], object]], str]:
    """Runs something in a forked process, which may then be as fenced in as it likes; gives what it returned, or
    how the process ended."""

    def run(work: Callable[[], object]) -> str:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            faulthandler.disable()  # pytest's report of a death that is meant to be
            try:
                said = str(work())
            except BaseException as error:  # noqa: BLE001 - the test shall see it, whatever it is
                said = f"{type(error).__name__}: {error}"
            os.write(writing, said.encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            said = answer.read()
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return said if code == 0 else f"exit {code}"

    return run


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    async def wait(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.02)

    return wait
