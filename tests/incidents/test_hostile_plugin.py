"""A plugin or a library of the system that has been taken over by what it opens.

Each attempt is refused or killed, each is a finding, the file it aims at and the process beside it stay as they
were, and the next mail is inspected as if nothing had been.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lazaretto import config, testing
from lazaretto.model import Inspection, Kind
from lazaretto.workers.pool import Pool

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ENTRY = "[lazaretto.unpack]\nhostile = hostile_plugin:Hostile\n"
DEADLINE = 2.0


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As pip would: a distribution with an entry point."""
    about = tmp_path / "hostile_plugin-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile-plugin\nVersion: 1\n")
    (about / "entry_points.txt").write_text(ENTRY)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(Path(__file__).parent))))


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def mail(body: bytes) -> bytes:
    return b"From: a@example.org\r\nSubject: x\r\n\r\n" + body


async def inspect(pool: Pool, body: bytes) -> Inspection:
    return await pool.inspect(mail(body), testing.envelope())


def settings(**workers: float) -> config.Loaded:
    given = {"workers": {"count": 2, "deadline": DEADLINE, "memory": 512, **workers}, "data_dir": "unused"}
    return config.Loaded(config.Config.model_validate(given), None)


async def attempts(pool: Pool, target: Path, port: int) -> None:
    sibling = pool.status().workers
    for word, expected in {
        f"socket {port}": "PermissionError",
        f"unix {target}": "PermissionError",
        f"write {target}": "PermissionError",
        "shadow": "PermissionError",
        "list": "PermissionError",
        "run": "PermissionError",
        "exec": "SIGSYS",
        f"ptrace {os.getpid()}": "SIGSYS",
        f"memory-of {sibling[0].pid}": "PermissionError",
        f"memory-of {sibling[1].pid}": "PermissionError",
        f"kill {os.getpid()}": "PermissionError",
        "fork": "PermissionError",
        "threads": "RuntimeError",  # room for some, and then no more
        "gigabytes": "MemoryError",
        "loop": "took more than 2 seconds",
        "gil-loop": "took more than 2 seconds",
        "segfault": "SIGSEGV",
        "exit": "exit code 0",
    }.items():
        for form in (word, f"native-{word}"):  # in a thread of its own, as a native library works
            inspection = await inspect(pool, b"HOSTILE " + form.encode())
            failures = [finding for finding in inspection.findings if finding.kind is Kind.FAILED]
            assert failures, form
            said = " ".join(line for finding in failures for line in finding.evidence)
            assert expected in said, (form, said)
            assert not any(artifact.path.endswith("did it") for artifact in inspection.artifacts), form
        after = await inspect(pool, EICAR)
        assert after.status == "infected", word


def test_each_attempt_is_refused_or_killed_and_a_finding(
    installed: None, listening: socket.socket, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"as it was")
    target.chmod(0o666)

    async def check() -> None:
        deaths: list[str] = []
        pool = Pool(settings(), on_death=deaths.append)
        await pool.start()
        try:
            await attempts(pool, target, listening.getsockname()[1])
            assert len(pool.status().workers) == 2
        finally:
            await pool.stop(5)
        assert deaths

    asyncio.run(check())
    assert target.read_bytes() == b"as it was"
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_a_neighbour_is_not_kept_waiting(installed: None) -> None:
    async def check() -> None:
        pool = Pool(settings(deadline=5.0))
        await pool.start()
        try:
            endless = asyncio.create_task(inspect(pool, b"HOSTILE loop"))
            await asyncio.sleep(0.1)
            for _ in range(20):
                assert (await asyncio.wait_for(inspect(pool, EICAR), 2)).status == "infected"
            assert not endless.done()
            assert "deadline" in str((await endless).findings)
        finally:
            await pool.stop(5)

    asyncio.run(check())
