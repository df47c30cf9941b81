"""What an engine costs that asks clamd: messages a second without it, with it over a Unix socket, over TCP.

clamd has one signature of our own: how long it takes to scan is its business, what is measured is the way there."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

import uvloop
from tests.e2e.servers.clamd import Clamd

from lazaretto import config
from lazaretto.testing import envelope, mail
from lazaretto.workers.pool import Pool

Row = tuple[str, float, str]
CLIENTS = 8
TURNS = 5


def _mails(count: int, size: int, seed: str) -> list[bytes]:
    noise = random.Random(seed)
    return [mail("Hello\n", attachments={"a.bin": b"\0" + noise.randbytes(size)}) for _ in range(count)]


async def _rate(engines: Mapping[str, Any], mails: list[bytes]) -> float:
    pool = Pool(config.Loaded(config.Config.model_validate({"engines": engines}), None))
    await pool.start()
    waiting = iter(mails)

    async def client() -> None:
        for raw in waiting:
            await pool.inspect(raw, envelope())

    await pool.inspect(mails[0], envelope())  # warm
    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    spent = time.perf_counter() - began
    failures = sum(each.failures for each in pool.remotes())
    await pool.stop()
    if failures:
        raise RuntimeError(f"{failures} scans failed: what was measured means nothing")
    return len(mails) / spent


def run() -> Iterable[Row]:
    with Clamd() as clamd:
        ways: dict[str, dict[str, Any]] = {
            "no engine asks": {},
            "clamd, descriptors": {"clamd": {"servers": [f"unix:{clamd.path}"]}},
            "clamd, TCP": {"clamd": {"servers": [f"127.0.0.1:{clamd.port}"]}},
        }
        for label, size, count in (("20 KB", 20_000, 1000), ("1 MB", 1_000_000, 100)):
            # In turns, because the machine has other things to do; and never the same mail twice, because clamd
            # remembers what it found clean: whoever comes second would be the fastest.
            rates: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(TURNS):
                for way in (*ways, *reversed(ways))[turn % 2 * len(ways) :][: len(ways)]:
                    mails = _mails(count, size, f"{turn} {way}")
                    rates[way].append(uvloop.run(_rate(ways[way], mails)))
            for way, found in rates.items():
                yield f"remote: {label}, {way}", median(found), "messages/s"
