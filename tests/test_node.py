"""One node in this process: what comes up goes down again, also when it comes up by halves."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.servers.running import free_port
from tests.e2e.servers.sink import Sink

from lazaretto import node as module
from lazaretto.config import Loaded, load
from lazaretto.errors import ConfigError, NextHopError, StorageError
from lazaretto.model import EventKind
from lazaretto.node import Node


def configured(folder: Path, **sections: Any) -> Loaded:
    folder.mkdir(exist_ok=True)
    lines = [f'data_dir = "{folder}/var"', "workers.count = 1"]
    for name, table in sections.items():
        lines += [f"[{name.replace('__', '.')}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    (folder / "lazaretto.toml").write_text("\n".join(lines) + "\n")
    return load(folder / "lazaretto.toml", {})


def children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


async def kinds(node: Node) -> list[EventKind]:
    return [event.kind for _, event in await node.journal.after(0, 100)]


@pytest.fixture
async def smtp(tmp_path: Path) -> AsyncIterator[Node]:
    node = Node(configured(tmp_path, listeners__smtp={"listen": "127.0.0.1:0", "next_hop": "127.0.0.1:9"}))
    await node.start()
    yield node
    await node.stop()


async def test_up_and_down(tmp_path: Path) -> None:
    port, before = free_port(), children()
    node = Node(configured(
        tmp_path, listeners__smtp={"listen": "127.0.0.1:0", "next_hop": "127.0.0.1:9"},
        metrics={"listen": f"127.0.0.1:{port}"},
    ))  # fmt: skip
    await node.start()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    (door,) = node.doors
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.address.rpartition(":")[2]))
    assert (await reader.readline()).startswith(b"220 ")
    reader, scrape = await asyncio.open_connection("127.0.0.1", port)
    scrape.write(b"GET /metrics HTTP/1.0\r\n\r\n")
    assert b"lazaretto_items_held" in await reader.read()
    for each in (writer, scrape):
        each.close()
    await node.stop()
    assert children() == before
    assert not (tmp_path / "var" / "control.sock").exists()
    for address in (door.address, f"127.0.0.1:{port}"):
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
    node.journal.open()
    try:
        assert await kinds(node) == [EventKind.NODE_STARTED, EventKind.NODE_STOPPED]
    finally:
        node.journal.close()


async def test_what_comes_up_by_halves_goes_down_whole(tmp_path: Path) -> None:
    before = children()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        loaded = configured(tmp_path, listeners__milter={"listen": "127.0.0.1:0"}, listeners__smtp={"listen": address})
        node = Node(loaded)
        with pytest.raises(ConfigError, match=rf"\[listeners\.smtp\] listen = '{address}'"):
            await node.start()
    assert children() == before
    assert not (tmp_path / "var" / "control.sock").exists()
    milter = next(door for door in node.doors if door.name == "milter")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(milter.address.rpartition(":")[2])))
    again = Node(loaded)  # locks and ports are free
    await again.start()
    await again.stop()


async def test_a_data_dir_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(ConfigError, match=f"{tmp_path}/var: data_dir cannot be made: File exists\n    choose another"):
        await Node(configured(tmp_path)).start()


async def test_a_reload_with_nothing_new_changes_nothing(smtp: Node) -> None:
    patterns, policy = smtp.workers.version, smtp.pipeline.document.version
    await smtp.reload()
    assert (smtp.workers.version, smtp.pipeline.document.version) == (patterns, policy)
    assert await kinds(smtp) == [EventKind.NODE_STARTED, EventKind.PATTERNS_LOADED]


async def test_a_storm_of_reloads_is_two(smtp: Node) -> None:
    await asyncio.gather(*(smtp.reload() for _ in range(20)))
    assert (await kinds(smtp)).count(
        EventKind.PATTERNS_LOADED
    ) == 2  # the one that runs, and one for all that came since


async def test_a_journal_that_is_full_does_not_stop_the_node(smtp: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(event: object) -> int:
        raise StorageError("no space left")

    monkeypatch.setattr(smtp.journal, "record", full)
    await smtp._note(EventKind.WORKER_DIED, "a note")
    assert (await smtp.api.status()).healthy


async def test_housekeeping_outlives_a_mistake_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = 0

    async def broken() -> int:
        nonlocal rounds
        rounds += 1
        raise ZeroDivisionError

    monkeypatch.setattr(module, "HOUSEKEEPING", 0)
    made = Node(configured(tmp_path))
    monkeypatch.setattr(made.vault, "expire", broken)
    monkeypatch.setattr(made.journal, "prune", broken)
    chore = asyncio.create_task(made._keep_house())
    while rounds < 6 and not chore.done():
        await asyncio.sleep(0)
    assert not chore.done()
    chore.cancel()


async def test_a_worker_that_is_killed_is_an_event(smtp: Node) -> None:
    (worker,) = smtp.workers.status().workers
    os.kill(worker.pid, 9)
    async with asyncio.timeout(20):
        while (await kinds(smtp))[-1:] != [EventKind.WORKER_DIED]:
            await asyncio.sleep(0.05)
        while not (again := smtp.workers.status().workers) or again[0].pid == worker.pid:
            await asyncio.sleep(0.05)


async def test_released_mail_goes_out_for_everybody_or_says_for_whom_not(tmp_path: Path) -> None:
    with Sink() as sink:
        node = Node(configured(tmp_path, vault={"release_to": sink.address}))
        await node._send(b"Subject: x\r\n\r\ntext\r\n", "", ["a@b.example"])
        assert sink.wait(1)[0].recipients == [b"a@b.example"]
        sink.refuse["RCPT"] = b"550 5.1.1 no such user"
        with pytest.raises(NextHopError, match=f"{sink.address} .*no such user"):
            await node._send(b"Subject: x\r\n\r\ntext\r\n", "", ["a@b.example"])
    with pytest.raises(NextHopError, match="cannot be reached"):
        await node._send(b"Subject: x\r\n\r\ntext\r\n", "", ["a@b.example"])
