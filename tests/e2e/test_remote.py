"""Engines that ask a real clamd and a real c-icap: through a node, through `lazaretto scan`, and when they fail."""

from __future__ import annotations

import asyncio
import json
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.servers.cicap import CIcap
from tests.e2e.servers.clamd import MARKER, NAME, Clamd
from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import free_port, wait_until
from tests.e2e.servers.sink import Sink
from tests.e2e.servers.site import deliver

from lazaretto import config
from lazaretto.model import EventKind, Inspection, Kind, Severity, Status
from lazaretto.testing import envelope, mail
from lazaretto.workers.pool import Pool

pytestmark = pytest.mark.e2e

OTHER = b"lazaretto-clamd-" + b"marker-of-another-day"
THREAT = mail("see attachment", subject="threat", attachments={"a.bin": b"\0\1" + MARKER + b"\0"})
CLEAN = mail("nothing", subject="clean", attachments={"a.bin": b"\0\1\2"})


@asynccontextmanager
async def pool(**engines: Mapping[str, Any]) -> AsyncIterator[Pool]:
    given = {"workers": {"count": 1}, "engines": engines}
    opened = Pool(config.Loaded(config.Config.model_validate(given), None))
    await opened.start()
    try:
        yield opened
    finally:
        await opened.stop()


async def inspect(opened: Pool, raw: bytes) -> Inspection:
    return await opened.inspect(raw, envelope())


def told(inspection: Inspection, source: str) -> list[tuple[str, Kind, str | None]]:
    return [(each.name, each.kind, each.artifact) for each in inspection.findings if each.source == source]


@pytest.mark.parametrize("way", ["descriptor", "stream"])
def test_clamd_finds_what_is_in_its_database_alone(way: str) -> None:
    async def work() -> None:
        async with pool(
            clamd={"servers": [f"unix:{clamd.path}" if way == "descriptor" else f"127.0.0.1:{clamd.port}"]}
        ) as at:
            found = await inspect(at, THREAT)
            assert told(found, "clamd") == [(NAME, Kind.MALWARE, "2/a.bin")]
            assert "ClamAV" in found.findings[-1].evidence[0]
            assert found.timings["engine.clamd"] > 0
            assert (await inspect(at, CLEAN)).status is Status.CLEAN
            (status,) = at.remotes()
            assert (status.up, status.scans, status.failures, status.busy) == (True, 4, 0, 0)

    with Clamd() as clamd:
        asyncio.run(work())
        assert ("/memfd:lazaretto" in clamd.log) == (way == "descriptor")


def test_a_reloaded_database_is_in_force_at_once() -> None:
    async def work() -> None:
        raw = mail("x", attachments={"b.bin": b"\0" + OTHER})
        async with pool(clamd={"servers": [f"unix:{clamd.path}"]}) as at:
            assert (await inspect(at, raw)).status is Status.CLEAN
            clamd.sign(**{"Lazaretto.Test.Another": OTHER})
            clamd.reload()
            assert told(await inspect(at, raw), "clamd")[0][0] == "Lazaretto.Test.Another.UNOFFICIAL"

    with Clamd() as clamd:
        asyncio.run(work())


def test_the_next_server_is_asked_when_one_dies_and_the_first_again_when_it_is_back() -> None:
    async def work() -> None:
        servers = [f"unix:{first.path}", f"127.0.0.1:{second.port}"]
        async with pool(clamd={"servers": servers, "connections": 1}) as at:
            first.kill()
            for _ in range(3):
                assert told(await inspect(at, THREAT), "clamd") == [(NAME, Kind.MALWARE, "2/a.bin")]
            assert [each.up for each in at.remotes()] == [False, True]
            first.start()
            async with asyncio.timeout(10):
                while not all(each.up for each in at.remotes()):
                    await asyncio.sleep(0.1)

    with Clamd() as first, Clamd() as second:
        asyncio.run(work())


@pytest.mark.parametrize(("way", "severity"), [("defer", Severity.MEDIUM), ("pass", Severity.INFORMATIONAL)])
def test_killed_in_the_middle_of_a_scan(way: str, severity: Severity) -> None:
    async def work() -> None:
        settings = {"servers": [f"unix:{clamd.path}"], "timeout": 20, "on_failure": way}
        async with pool(clamd=settings) as at:
            await inspect(at, CLEAN)
            clamd.pause()
            under_way = asyncio.create_task(inspect(at, THREAT))
            await asyncio.sleep(0.7)
            assert at.remotes()[0].busy == 2
            clamd.kill()
            found = await under_way
            failed = [each for each in found.findings if each.source == "clamd"]
            assert {(each.name, each.kind, each.severity) for each in failed} == {
                ("clamd.failed", Kind.FAILED, severity)
            }
            assert found.status is (Status.UNSCANNABLE if way == "defer" else Status.CLEAN)
            assert not at.remotes()[0].up

    with Clamd() as clamd:
        asyncio.run(work())


def test_a_server_that_says_nothing_costs_its_time_once() -> None:
    async def work() -> None:
        settings = {"servers": [f"unix:{clamd.path}"], "timeout": 0.5, "connect_timeout": 0.5}
        async with pool(clamd=settings) as at:
            await inspect(at, CLEAN)
            clamd.pause()
            began = time.monotonic()
            assert (await inspect(at, THREAT)).status is Status.UNSCANNABLE
            first, began = time.monotonic() - began, time.monotonic()
            assert (await inspect(at, THREAT)).status is Status.UNSCANNABLE
            assert 0.5 < first < 3
            assert time.monotonic() - began < 0.5
            clamd.resume()
            async with asyncio.timeout(10):
                while not at.remotes()[0].up:
                    await asyncio.sleep(0.1)
            assert told(await inspect(at, THREAT), "clamd") == [(NAME, Kind.MALWARE, "2/a.bin")]

    with Clamd() as clamd:
        asyncio.run(work())


def test_what_is_too_large_is_a_limit_and_never_clean() -> None:
    async def work() -> None:
        large = mail("x", attachments={"a.bin": bytes(3 * 2**20)})
        async with pool(clamd={"servers": [f"127.0.0.1:{clamd.port}"]}) as at:
            assert told(await inspect(at, large), "clamd") == [("clamd.max_bytes", Kind.LIMIT, "2/a.bin")]
            assert at.remotes()[0].up
        async with pool(clamd={"servers": [f"127.0.0.1:{clamd.port}"], "max_bytes": 2**20}) as at:
            assert told(await inspect(at, large), "clamd") == [("clamd.max_bytes", Kind.LIMIT, "2/a.bin")]

    with Clamd("StreamMaxLength 1M") as clamd:
        asyncio.run(work())


def test_icap_with_virus_scan() -> None:
    async def work() -> None:
        large = mail("x", attachments={"a.bin": bytes(3 * 2**20) + MARKER, "b.bin": bytes(3 * 2**20)})
        for method in ("RESPMOD", "REQMOD"):
            async with pool(icap={"servers": [icap.url("avscan")], "method": method}) as at:
                assert told(await inspect(at, THREAT), "icap") == [(NAME, Kind.MALWARE, "2/a.bin")]
                assert (await inspect(at, CLEAN)).status is Status.CLEAN
                assert told(await inspect(at, large), "icap") == [(NAME, Kind.MALWARE, "2/a.bin")]
                assert at.remotes()[0].version.startswith("CI0001-")
        async with pool(icap={"servers": [icap.url("avscan")]}) as at:
            clamd.kill()
            found = await inspect(at, THREAT)
            assert {(each.kind, each.severity) for each in found.findings} == {(Kind.FAILED, Severity.MEDIUM)}

    with Clamd() as clamd, CIcap(clamd.path) as icap:
        asyncio.run(work())


def test_icap_echo_and_a_service_that_is_not_there() -> None:
    async def work() -> None:
        async with pool(icap={"servers": [icap.url("echo")]}) as at:
            assert (await inspect(at, THREAT)).status is Status.CLEAN
            assert at.remotes()[0].scans == 2
        async with pool(icap={"servers": [icap.url("nosuch")]}) as at:
            found = await inspect(at, THREAT)
            assert {each.kind for each in found.findings} == {Kind.FAILED}
            assert "404" in found.findings[0].evidence[0]

    with CIcap() as icap:
        asyncio.run(work())


def test_a_node_strips_what_clamd_finds_and_defers_while_clamd_is_dead() -> None:
    port = free_port()
    with Clamd() as clamd, Sink() as sink:
        settings = {
            "engines.clamd": {"servers": [f"unix:{clamd.path}"]}, "metrics": {"listen": f"127.0.0.1:{port}"},
            "listeners.milter": None, "listeners.smtp": {"listen": "127.0.0.1:0", "next_hop": sink.address},
        }  # fmt: skip
        with Lazaretto(settings) as node:
            with smtplib.SMTP(*node.door("smtp")) as client:
                deliver(client, THREAT, "bob@example.org")
            assert MARKER not in sink.wait(1)[-1].data
            event = node.event("threat")
            assert (event.kind, event.status) == (EventKind.MESSAGE_CHANGED, Status.INFECTED)
            assert node.client.status().remotes[0].scans >= 2
            clamd.kill()
            with smtplib.SMTP(*node.door("smtp")) as client, pytest.raises(smtplib.SMTPResponseException) as refused:
                deliver(client, CLEAN, "bob@example.org")
            assert refused.value.smtp_code == 451
            wait_until(lambda: not node.client.status().remotes[0].up, "the breaker")
            assert any("clamd: unix:" in each for each in node.client.status().warnings)
            metrics = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
            assert f'lazaretto_remote_up{{engine="clamd",server="unix:{clamd.path}"}} 0.0' in metrics


def test_scan_from_the_command_line(tmp_path: Path) -> None:
    with Clamd() as clamd:
        (tmp_path / "lazaretto.toml").write_text(f'[engines.clamd]\nservers = ["unix:{clamd.path}"]\n')
        (tmp_path / "threat.bin").write_bytes(b"\0" + MARKER)
        (tmp_path / "threat.eml").write_bytes(THREAT)
        (tmp_path / "clean.eml").write_bytes(CLEAN)
        names = ["threat.bin", "threat.eml", "clean.eml"]
        command = [sys.executable, "-m", "lazaretto", "scan", "--config", "lazaretto.toml", "--json", *names]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert [line["status"] for line in lines] == ["infected", "infected", "clean"], done.stderr
        assert [line["findings"][0]["name"] for line in lines[:2]] == [NAME, NAME]
