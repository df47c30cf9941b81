from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from tests.e2e.servers.played import played

from lazaretto import config
from lazaretto.errors import ConfigError, WorkerError
from lazaretto.model import (
    Address,
    Can,
    Direction,
    Envelope,
    Inspection,
    Kind,
    Priority,
    Severity,
    Step,
    Verdict,
    now,
    status_of,
)
from lazaretto.workers.pool import Pool

OpenPool = Callable[..., AbstractAsyncContextManager[Any]]
Settings = Callable[..., config.Loaded]
Eventually = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    runner: Callable[[Coroutine[Any, Any, None]], None] = request.param
    return runner


Run = Callable[[Coroutine[Any, Any, None]], None]


def said(inspection: Inspection) -> str:
    assert inspection.findings[0].source == "echo", inspection.findings
    return inspection.findings[0].evidence[0]


def failure(inspection: Inspection) -> tuple[str, str]:
    (finding,) = inspection.findings
    assert (finding.source, finding.kind, finding.severity) == ("workers", Kind.FAILED, Severity.HIGH)
    assert status_of(inspection.findings) == "unscannable"
    return finding.name, finding.evidence[0]


def test_messages_of_all_sizes_come_back_right(open_pool: OpenPool, run: Run) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            for size in (20, 65_000, 66_000, 5_000_000):
                raw = bytes(size) + b"%20d" % size
                inspection = await opened.pool.inspect(raw, None, name="n")
                assert (inspection.properties.size, said(inspection)) == (len(raw), f"{size:20d}")
                assert inspection.findings[0].name == "n"
            assert inspection.patterns == opened.pool.version == "echo of test"

    run(check())


def test_treat_and_preview(open_pool: OpenPool, run: Run) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            verdict = Verdict("r", (Address("a@b"),), (Step("tag"),), (), "Because.")
            inspection = await opened.pool.inspect(b"some mail", None)
            raw = os.urandom(3_000_000)
            treatment = await opened.pool.treat(raw, verdict, inspection)
            assert treatment.raw == raw[::-1]
            assert (treatment.outcomes[0].action, treatment.outcomes[0].artifact) == ("tag", "echo of test")
            assert (await opened.pool.preview(b"text")).text == "text"
            with pytest.raises(WorkerError, match="SIGSEGV"):
                await opened.pool.treat(b"DO:segv", verdict, inspection)
            with pytest.raises(WorkerError, match="UnicodeDecodeError"):
                await opened.pool.preview(b"\xff")

    run(check())


def test_a_crash_costs_one_retry_and_is_then_a_finding(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            name, evidence = failure(await opened.pool.inspect(b"DO:segv", None, name="bad\x1b.eml"))
            assert (name, evidence) == ("worker.crashed", "the worker was killed by SIGSEGV")
            assert len(opened.deaths) == 2
            assert all(death.endswith("was killed by SIGSEGV (bad?.eml)") for death in opened.deaths)
            assert said(await opened.pool.inspect(b"fine", None)) == "fine"

    asyncio.run(check())


@pytest.mark.parametrize(
    ("word", "name", "evidence"),
    [
        ("exit", "worker.crashed", "ended with exit code 7"),
        ("execve", "worker.crashed", "SIGSYS"),
        ("forge", "worker.crashed", "what is no answer"),
        ("flood", "worker.crashed", "no end"),
        ("native-hog", "worker.crashed", "SIGABRT"),
        ("hog", "worker.memory", "memory"),
        ("recurse", "worker.error", "RecursionError"),
        ("panic", "worker.error", "BaseException: panic"),
    ],
)
def test_no_message_does_worse_than_a_finding(open_pool: OpenPool, word: str, name: str, evidence: str) -> None:
    """While a neighbour goes on."""

    async def check() -> None:
        async with open_pool() as opened:
            slow = asyncio.create_task(opened.pool.inspect(b"DO:sleep 0.5", None))
            await asyncio.sleep(0)
            found = failure(await opened.pool.inspect(b"DO:" + word.encode(), None))
            assert found[0] == name
            assert evidence in found[1]
            assert said(await slow) == "slept"

    asyncio.run(check())


def test_the_sandbox_holds(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            for word in ("read", "write", "list", "socket", "unix", "fork", "run", "kill", "memfd", "environ"):
                inspection = await opened.pool.inspect(f"DO:{word}".encode(), None)
                assert said(inspection).startswith("PermissionError"), word
            assert opened.deaths == []

    asyncio.run(check())


def test_what_honest_work_needs_is_there(open_pool: OpenPool, capfd: pytest.CaptureFixture[str]) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            assert said(await opened.pool.inspect(b"DO:thread", None)) == "[1]"
            assert said(await opened.pool.inspect(b"DO:codecs", None)) == "aa/aaa"
            assert said(await opened.pool.inspect(b"DO:print", None)) == "printed"
            assert opened.deaths == []

    asyncio.run(check())
    assert "somebody's mail" not in "".join(capfd.readouterr())


def test_the_deadline(open_pool: OpenPool, run: Run) -> None:
    async def check() -> None:
        async with open_pool(deadline=0.5) as opened:
            found = failure(await opened.pool.inspect(b"DO:loop", None))
            assert found == ("worker.deadline", "the worker took more than 0.5 seconds")
            assert len(opened.deaths) == 1  # not tried again
            assert said(await opened.pool.inspect(b"fine", None)) == "fine"

    run(check())


@pytest.mark.parametrize("victim", ["worker", "nursery"])
def test_killed_in_the_middle_of_200(open_pool: OpenPool, run: Run, victim: str, eventually: Eventually) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            names = [f"mail {n}" for n in range(200)]
            work = [asyncio.create_task(opened.pool.inspect(b"DO:sleep 0.005", None, name=name)) for name in names]
            await eventually(lambda: sum(task.done() for task in work) > 50)
            pid = random.choice(opened.pids)
            if victim == "nursery":
                pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill(pid, signal.SIGKILL)
            assert sum(task.done() for task in work) < 190
            results = await asyncio.gather(*work)
            assert [said(each) for each in results] == ["slept"] * 200
            assert [each.findings[0].name for each in results] == names
            assert "was killed by SIGKILL" in opened.deaths[0]
            await eventually(lambda: len(opened.pids) == 2)

    run(check())


def test_reload_under_load(open_pool: OpenPool, run: Run, settings: Settings, eventually: Eventually) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            first, loaded_at = set(opened.pids), opened.pool.loaded_at
            seen: list[str] = []

            async def load() -> None:
                while len(set(seen)) < 2:
                    inspection = await opened.pool.inspect(b"x", None)
                    assert said(inspection) == "x"
                    seen.append(inspection.patterns)

            load_tasks = [asyncio.create_task(load()) for _ in range(4)]
            long = asyncio.create_task(opened.pool.inspect(b"DO:sleep 1.5", None))
            assert await opened.pool.reload(settings("other")) == "echo of other" == opened.pool.version
            await asyncio.gather(*load_tasks)
            assert (await long).patterns == "echo of test"  # the old crew finished what it had
            assert opened.pool.loaded_at > loaded_at
            assert not first & set(opened.pids)
            await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in first))
            assert opened.deaths == []

    run(check())


def test_a_broken_configuration_keeps_the_old_one(open_pool: OpenPool, settings: Settings) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            with pytest.raises(ConfigError) as caught:
                await opened.pool.reload(settings("broken"))
            assert [problem.what for problem in caught.value.problems] == ["one thing is wrong", "another as well"]
            assert caught.value.problems[0].remedy == "mend it"
            with pytest.raises(WorkerError, match="ZeroDivisionError: our bug"):
                await opened.pool.reload(settings("bug"))
            assert opened.pool.version == "echo of test"
            assert said(await opened.pool.inspect(b"fine", None)) == "fine"
            assert await opened.pool.reload() == "echo of test"

    asyncio.run(check())


def test_a_broken_configuration_at_the_start(open_pool: OpenPool, settings: Settings) -> None:
    async def check() -> None:
        pool = Pool(settings("broken"), job="lazaretto_test_jobs:Echo")
        with pytest.raises(ConfigError, match="one thing is wrong"):
            await pool.start()
        with pytest.raises(WorkerError, match="not been started"):
            await pool.inspect(b"x", None)
        await pool.stop()
        with pytest.raises(WorkerError, match="stopping"):
            await pool.start()

    asyncio.run(check())


def test_priorities(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            order: list[str] = []

            async def ask(name: str, priority: Priority) -> None:
                await opened.pool.inspect(b"x", None, name=name, priority=priority)
                order.append(name)

            first = asyncio.create_task(opened.pool.inspect(b"DO:sleep 0.2", None))
            await asyncio.sleep(0.05)
            wanted = [
                ("background", Priority.BACKGROUND),
                ("delivery 1", Priority.DELIVERY),
                ("delivery 2", Priority.DELIVERY),
                ("access", Priority.ON_ACCESS),
            ]
            tasks = [asyncio.create_task(ask(*each)) for each in wanted]
            await asyncio.sleep(0)
            assert opened.pool.status().waiting == 4
            await asyncio.gather(first, *tasks)
            assert order == ["access", "delivery 1", "delivery 2", "background"]

    asyncio.run(check())


def test_a_full_queue_refuses(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1, queue=2) as opened:
            tasks = [asyncio.create_task(opened.pool.inspect(b"DO:sleep 0.2", None)) for _ in range(3)]
            await asyncio.sleep(0)
            with pytest.raises(WorkerError, match="2 inspections are waiting already"):
                await opened.pool.inspect(b"x", None)
            assert [said(each) for each in await asyncio.gather(*tasks)] == ["slept"] * 3

    asyncio.run(check())


def test_cancelled_while_waiting_and_while_running(open_pool: OpenPool, run: Run) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            running = asyncio.create_task(opened.pool.inspect(b"DO:sleep 0.3", None))
            waiting = [asyncio.create_task(opened.pool.inspect(b"x", None)) for _ in range(3)]
            await asyncio.sleep(0.05)
            running.cancel()
            waiting[1].cancel()
            results = await asyncio.gather(running, *waiting, return_exceptions=True)
            assert [type(each).__name__ for each in results] == [
                "CancelledError", "Inspection", "CancelledError", "Inspection",
            ]  # fmt: skip
            assert not opened.pool.status().workers[0].busy
            assert opened.pool.status().waiting == 0

    run(check())


def test_start_and_reload_can_be_cancelled(open_pool: OpenPool, settings: Settings) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            for pause in (0, 0.05, 0.4):
                task = asyncio.create_task(opened.pool.reload(settings("other")))
                await asyncio.sleep(pause)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            assert said(await opened.pool.inspect(b"fine", None)) == "fine"

    asyncio.run(check())


def test_stop_finishes_what_runs_and_refuses_what_waits(open_pool: OpenPool, run: Run) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            running = asyncio.create_task(opened.pool.inspect(b"DO:sleep 0.4", None))
            waiting = asyncio.create_task(opened.pool.inspect(b"x", None))
            await asyncio.sleep(0.05)
            await opened.pool.stop()
            assert said(await running) == "slept"
            with pytest.raises(WorkerError, match="stopping"):
                await waiting
            with pytest.raises(WorkerError, match="stopping"):
                await opened.pool.inspect(b"x", None)

    run(check())


def test_stop_does_not_wait_for_ever(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            running = asyncio.create_task(opened.pool.inspect(b"DO:loop", None))
            await asyncio.sleep(0.05)
            await opened.pool.stop(0.2)
            with pytest.raises(WorkerError, match="stopping"):
                await running

    asyncio.run(check())


def test_stop_during_a_reload(open_pool: OpenPool, settings: Settings) -> None:
    async def check() -> None:
        async with open_pool() as opened:
            task = asyncio.create_task(opened.pool.reload(settings("other")))
            await asyncio.sleep(0.1)
            await opened.pool.stop()
            with pytest.raises(WorkerError):
                await task

    asyncio.run(check())


def test_when_no_crew_can_be_made_again_nobody_is_kept_waiting(
    open_pool: OpenPool, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            good = os.environ["PYTHONPATH"]
            monkeypatch.setenv("PYTHONPATH", "/nonexistent")  # the job cannot be found any more
            (pid,) = opened.pids
            os.kill(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]), signal.SIGKILL)
            await eventually(lambda: "cannot be started again" in str(opened.deaths))
            with pytest.raises(WorkerError, match=r"cannot be started again: .*lazaretto_test_jobs"):
                await opened.pool.inspect(b"x", None)
            monkeypatch.setenv("PYTHONPATH", good)
            await eventually(lambda: len(opened.pool.status().workers) == 1 and not opened.pool._refusal)
            assert said(await opened.pool.inspect(b"fine", None)) == "fine"

    asyncio.run(check())


def test_text_that_is_no_unicode_does_not_raise(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=1) as opened:
            inspection = await opened.pool.inspect(b"x", None, name="b\udcff.eml")
            assert inspection.findings[0].name == "b?.eml"
            lone = Envelope("01ID", "smtp", Direction.INBOUND, Address("\ud800@example.org"), (), Can.REPORT, now())
            name, evidence = failure(await opened.pool.inspect(b"x", lone))
            assert (name, evidence) == ("worker.error", "the worker cannot be asked: surrogates not allowed")

    asyncio.run(check())


def test_status(open_pool: OpenPool) -> None:
    async def check() -> None:
        async with open_pool(count=3) as opened:
            await opened.pool.inspect(b"x", None)
            status = opened.pool.status()
            assert sorted(worker.inspections for worker in status.workers) == [0, 0, 1]
            assert not any(worker.busy for worker in status.workers)
            assert len({worker.pid for worker in status.workers} - {0}) == 3
            assert [line.split(":")[0] for line in status.sandbox][-2:] == ["landlock", "seccomp"]
            assert (status.patterns[0], len(status.patterns)) == ("set 0: ?", 20_000)
            assert status.libraries == ("libfoo: in use (?)",)

    asyncio.run(check())


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (b"good x", []),
        (b"good bad", [("clamd", "Bad", "0")]),
        (b"crash bad", [("workers", "worker.crashed", None), ("clamd", "Bad", "0")]),  # twice, and told once
        (b"other bad", [("workers", "worker.crashed", None)]),
        (b"flood x", [("workers", "worker.crashed", None)]),
    ],
)
def test_what_workers_hand_out(
    run: Callable[[Coroutine[Any, Any, None]], None],
    monkeypatch: pytest.MonkeyPatch,
    said: bytes,
    wanted: list[tuple[str, str, str | None]],
) -> None:
    """One that has been taken over can ask for no more than an honest one."""
    places = (Path(__file__).parent, Path(config.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, places)))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        if b"VERSION" in command:
            writer.write(b"ClamAV 1\0")
            return
        data = await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
        writer.write(b"stream: Bad FOUND\0" if data == b"bad" else b"stream: OK\0")

    async def check() -> None:
        async with played(serve) as port:
            engines = {"clamd": {"servers": [f"127.0.0.1:{port}"]}}
            given = {"workers": {"count": 1}, "unpack": {"count": 200}, "engines": engines}
            pool = Pool(config.Loaded(config.Config.model_validate(given), None), job="lazaretto_test_jobs:Hander")
            await pool.start()
            found = await pool.inspect(said, None)
            again = await pool.inspect(b"good bad", None)
            await pool.stop()
            assert [(each.source, each.name, each.artifact) for each in found.findings] == wanted
            assert [each.name for each in again.findings] == ["Bad"]

    run(check())
