"""What the pool adds to an inspection: round trips of a job that does nothing, with the real sandbox.

The processor time is that of the node's process alone, which is what one event loop can spend."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

import uvloop

from lazaretto import config
from lazaretto.model import Envelope, Inspection, Preview, Properties, Treatment, Verdict
from lazaretto.workers.pool import Pool

Row = tuple[str, float, str]
SIZES = (("20 KB", 20_000, 3000), ("1 MB", 1_000_000, 500), ("30 MB", 30_000_000, 20))


class Nothing:
    """The job: looks at nothing, changes nothing but the order of bytes."""

    version = "bench"

    def __init__(self, loaded: config.Loaded) -> None:
        pass

    def describe(self) -> tuple[str, ...]:
        return ()

    def inspect(
        self, raw: bytes, envelope: Envelope | None, name: str, words: tuple[str, ...] = (), hand: object = None
    ) -> Inspection:
        return Inspection(Properties(size=len(raw)), (), (), self.version)

    def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment:
        return Treatment(raw)

    def preview(self, raw: bytes) -> Preview:
        return Preview(Properties(), (), "", False, ())


async def _measure() -> list[Row]:
    pool = Pool(config.Loaded(config.Config(), None), job="bench.workers:Nothing")
    began = time.perf_counter()
    await pool.start()
    rows = [("workers: start", (time.perf_counter() - began) * 1000, "ms")]
    verdict = Verdict("r", (), (), (), "Because.")
    for label, size, count in SIZES:
        raw = os.urandom(size)
        inspection = await pool.inspect(raw, None)  # warm
        began, used = time.perf_counter(), time.process_time()
        for _ in range(count):
            await pool.inspect(raw, None)
        rows.append((f"workers: {label}, there and back", (time.perf_counter() - began) / count * 1000, "ms"))
        rows.append((f"workers: {label}, processor time", (time.process_time() - used) / count * 1000, "ms"))
        began = time.perf_counter()
        for _ in range(min(count, 200)):
            await pool.treat(raw, verdict, inspection)
        rows.append((f"workers: {label}, treated", (time.perf_counter() - began) / min(count, 200) * 1000, "ms"))
    rows.append(await _throughput(pool))
    await pool.stop()
    return rows


async def _throughput(pool: Pool) -> Row:
    raw, each, count = os.urandom(20_000), 1000, 8

    async def client() -> None:
        for _ in range(each):
            await pool.inspect(raw, None)

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(count)))
    return ("workers: 20 KB, 8 at once", each * count / (time.perf_counter() - began), "messages/s")


def run() -> Iterable[Row]:
    root = str(Path(__file__).parents[1])  # where the nursery finds the job
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return uvloop.run(_measure())
