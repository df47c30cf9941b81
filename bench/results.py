"""What results of files seen before are worth: one look-up, and mails whose attachments repeat, with and without the
table that workers share.

Attachments are pages and programs of 300 KB.  Each worker keeps what it found itself either way, so the gain of the
table grows with the number of workers and with how often they are recycled."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import random
import time
from collections.abc import Iterable
from pathlib import Path

import uvloop

from lazaretto import config
from lazaretto.model import Artifact
from lazaretto.results.recall import Recall, Sheet
from lazaretto.results.table import Table, View
from lazaretto.workers.pool import Pool

Row = tuple[str, float, str]
MAILS, FILES, SIZE, WORKERS = 300, 30, 300_000, 8
ROUNDS, TRIES = 50_000, 3


def run() -> Iterable[Row]:
    yield from _look_ups()
    for repeat in (False, True):
        runs: dict[int, list[tuple[float, float, float]]] = {16: [], 0: []}
        for _ in range(TRIES):  # in turns: what else the machine does is to meet both
            for room, measured in runs.items():
                measured.append(uvloop.run(_mails(repeat=repeat, room=room)))
        for room, measured in runs.items():
            what = f"{'repeating' if repeat else 'other'} attachments, {'shared' if room else 'each its own'}"
            rate, known, spent = max(measured)
            yield f"results: {what}", rate, "messages/s"
            yield f"results: {what}, known", known * 100, "%"
            yield f"results: {what}, processor", spent * 1e3, "ms/message"


def _look_ups() -> Iterable[Row]:
    table, mine = Table(16 << 20), Recall()
    mine.share(View.open(table.fd))
    digests = [hashlib.sha256(bytes([number & 255, number >> 8])).hexdigest() for number in range(ROUNDS)]
    artifacts = [Artifact("1", (), b"", "text/html", "", "1", None, 0, digest) for digest in digests]
    engines = ("macros", "patterns")
    keys = [mine.key(each, engines, "1") for each in artifacts]
    for worker in (1, 2):
        for key in keys:
            table.report(worker, key, b"")
    began = time.perf_counter()
    for each in artifacts:
        mine.get(mine.key(each, engines, "1"), engines)
    yield "results: look-up, known to siblings", (time.perf_counter() - began) / ROUNDS * 1e6, "us"
    for key in keys[:10_000]:
        mine.put(key, Sheet({}, set()))
    began = time.perf_counter()
    for each in artifacts[:10_000]:
        mine.get(mine.key(each, engines, "1"), engines)
    yield "results: look-up, known to itself", (time.perf_counter() - began) / 10_000 * 1e6, "us"
    began = time.perf_counter()
    for key in keys:
        table.report(3, bytes(reversed(key)), b"")
    yield "results: report, in the node", (time.perf_counter() - began) / ROUNDS * 1e6, "us"
    table.close()


async def _mails(*, repeat: bool, room: int) -> tuple[float, float, float]:
    chance = random.Random(1)
    files = [_file(chance) for _ in range(FILES if repeat else MAILS)]
    mails = [_mail(chance.choice(files) if repeat else files[number], number) for number in range(MAILS)]
    workers = {"count": WORKERS, "results": room}
    pool = Pool(config.Loaded(config.Config.model_validate({"workers": workers}), None))
    await pool.start()
    pids = [each.pid for each in pool.status().workers]
    began, busy = time.perf_counter(), sum(map(_busy, pids))
    waiting = iter(mails)

    async def client() -> None:
        for raw in waiting:
            await pool.inspect(raw, None)

    await asyncio.gather(*(client() for _ in range(2 * WORKERS)))
    spent, busy = time.perf_counter() - began, sum(map(_busy, pids)) - busy
    counts = pool.status().results
    await pool.stop()
    known = counts["own"] + counts["shared"]
    return MAILS / spent, known / (known + counts["misses"]), busy / MAILS


def _busy(pid: int) -> float:
    """Seconds of processor time, whatever else the machine does (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _file(chance: random.Random) -> bytes:
    head = b"MZ" + bytes(62) if chance.random() < 0.5 else b"<!DOCTYPE html><html><body>"
    words = (f"{chance.getrandbits(40):x} ".encode() for _ in range(SIZE // 11))
    return (head + b"".join(words))[:SIZE]


def _mail(attachment: bytes, number: int) -> bytes:
    text = base64.encodebytes(attachment).replace(b"\n", b"\r\n")
    head = f"From: a@example.org\r\nSubject: {number} {os.urandom(8).hex()}\r\nMIME-Version: 1.0\r\n".encode()
    return head + (
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n'
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text + b"--x--\r\n"
    )
