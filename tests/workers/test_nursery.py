from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lazaretto import config
from lazaretto.workers import nursery, wire

Settings = Callable[..., config.Loaded]
ECHO = "lazaretto_test_jobs:Echo"


class Talk:
    """Speaks with a nursery as the pool does, but waits."""

    def __init__(self, loaded: config.Loaded, factory: str) -> None:
        self.control, self.process = nursery.launch(loaded, factory)
        self.control.settimeout(20)
        self.buffer = bytearray(4096)

    def hear(self) -> tuple[wire.Report, list[int]] | None:
        count, fds = wire.receive_into(self.control, self.buffer)
        return (wire.decode_report(memoryview(self.buffer)[:count]), fds) if count else None

    def spawn(self, serial: int) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            wire.send_with_fd(self.control, wire.encode(wire.Spawn(serial)), theirs.fileno())
        ours.settimeout(20)
        return ours


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Talk]]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    talks: list[Talk] = []

    def start(loaded: config.Loaded, factory: str = ECHO) -> Talk:
        talks.append(Talk(loaded, factory))
        return talks[-1]

    yield start
    for each in talks:
        each.control.close()
        assert each.process.wait(10) is not None


def gone(pid: int) -> bool:
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_worker_from_birth_to_death(talk: Callable[..., Talk], settings: Settings) -> None:
    with_nursery = talk(settings())
    loaded = with_nursery.hear()
    assert loaded is not None
    assert loaded[0] == wire.Loaded("echo of test")
    assert len(wire.decode_stock(wire.read_sealed(loaded[1][0])[1]).patterns) == 20_000
    with with_nursery.spawn(7) as worker:
        report = with_nursery.hear()
        assert report is not None
        born, (pidfd,) = report
        assert isinstance(born, wire.Born)
        assert born.serial == 7
        assert isinstance(wire.decode_reply(worker.recv(100_000)[1:]), wire.Ready)
        signal.pidfd_send_signal(pidfd, signal.SIGTERM)  # as a service manager does, to all
        wire.send_request(worker, wire.encode(wire.Inspect(None, "n")), b"hello")
        assert isinstance(wire.decode_reply(worker.recv(100_000)[1:]), wire.Answer)
        signal.pidfd_send_signal(pidfd, signal.SIGUSR1)
        os.close(pidfd)
    assert with_nursery.hear() == (wire.Gone(7, -signal.SIGUSR1), [])
    assert gone(born.pid)


def test_a_worker_whose_socket_closes_leaves(talk: Callable[..., Talk], settings: Settings) -> None:
    with_nursery = talk(settings())
    with_nursery.hear()
    with_nursery.spawn(1).close()
    report = with_nursery.hear()
    assert report is not None
    os.close(report[1][0])
    ended = with_nursery.hear()
    assert ended is not None
    assert isinstance(ended[0], wire.Gone)


def test_problems_of_the_configuration_come_back_whole(talk: Callable[..., Talk], settings: Settings) -> None:
    report = talk(settings("broken")).hear()
    assert report is not None
    assert report[0] == wire.Refused()
    flaws = wire.decode_flaws(wire.read_sealed(report[1][0])[1])
    assert flaws[0] == wire.Flaw(None, 3, "one thing is wrong", "mend it")


@pytest.mark.parametrize(
    ("factory", "says"),
    [("no_such_module:Echo", "ModuleNotFoundError"), ("lazaretto_test_jobs:Nobody", "AttributeError")],
)
def test_a_job_that_is_not_there(talk: Callable[..., Talk], settings: Settings, factory: str, says: str) -> None:
    report = talk(settings(), factory).hear()
    assert report is not None
    assert isinstance(report[0], wire.Broken)
    assert report[0].detail.startswith(says)


@pytest.mark.parametrize("busy", [True, False])
def test_workers_end_with_their_nursery(talk: Callable[..., Talk], settings: Settings, busy: bool) -> None:
    with_nursery = talk(settings())
    with_nursery.hear()
    with with_nursery.spawn(1) as worker:
        report = with_nursery.hear()
        assert report is not None
        assert isinstance(report[0], wire.Born)
        worker.recv(100_000)
        if busy:
            wire.send_request(worker, wire.encode(wire.Inspect(None, "")), b"DO:loop")
        with_nursery.process.kill()
        with_nursery.process.wait()
        assert gone(report[0].pid)
        os.close(report[1][0])


NODE = """
import asyncio, os, sys
from lazaretto import config
from lazaretto.workers.pool import Pool
async def main():
    loaded = config.Loaded(config.Config.model_validate({"workers": {"count": 2}}), None)
    pool = Pool(loaded, job="lazaretto_test_jobs:Echo")
    await pool.start()
    tasks = [asyncio.create_task(pool.inspect(b"DO:loop", None)) for _ in range(2)]
    await asyncio.sleep(0.1)
    print(*(worker.pid for worker in pool.status().workers), flush=True)
    await asyncio.gather(*tasks)
asyncio.run(main())
"""


def test_all_end_with_a_node_that_is_killed(talk: Callable[..., Talk]) -> None:
    with subprocess.Popen([sys.executable, "-c", NODE], stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        pids = [int(each) for each in node.stdout.readline().split()]
        assert len(pids) == 2
        parents = {int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in pids}
        node.kill()
    assert all(gone(pid) for pid in [*pids, *parents])


def test_launch_leaves_nothing_open(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(FileNotFoundError):
        nursery.launch(settings(), ECHO)
    assert set(os.listdir("/proc/self/fd")) == before


def test_it_works_in_a_loop_of_any_thread(talk: Callable[..., Talk], settings: Settings) -> None:
    """No part of it needs the main thread, as asyncio's own child watching once did."""
    from lazaretto.workers.pool import Pool

    async def check() -> str:
        pool = Pool(settings(), job=ECHO)
        await pool.start()
        try:
            return (await pool.inspect(b"x", None)).patterns
        finally:
            await pool.stop()

    async def main() -> str:
        return await asyncio.to_thread(asyncio.run, check())

    assert asyncio.run(main()) == "echo of test"
