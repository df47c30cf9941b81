"""The real job: in this process, and in the real sandbox, where what it forgot to load cannot be loaded."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import random
import signal
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto import config
from lazaretto.errors import ConfigError
from lazaretto.model import Address, Can, Direction, Envelope, Inspection, Kind, Status, Step, Verdict, new_id, now
from lazaretto.workers import wire
from lazaretto.workers.job import Job
from lazaretto.workers.pool import Pool

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
Settings = Callable[..., config.Loaded]


def envelope() -> Envelope:
    return Envelope(
        new_id(), "smtp", Direction.INBOUND, Address("a@example.org"), (Address("b@example.net"),), Can.REPLACE, now()
    )


def mail(attachment: bytes, name: str = "a.zip", charset: str = "iso-2022-jp") -> bytes:
    return b"\r\n".join([
        b"From: a@example.org", b"To: b@example.net", b"Subject: =?gb18030?B?xOO6ww==?=", b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="x"', b"",
        b"--x", f"Content-Type: text/plain; charset={charset}".encode(), b"", "日本".encode("iso-2022-jp"),
        b"--x", b"Content-Type: application/octet-stream", b"Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{name}"'.encode(), b"",
        base64.encodebytes(attachment).replace(b"\n", b"\r\n").rstrip(), b"--x--", b"",
    ])  # fmt: skip


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("inner.txt", data)
    return packed.getvalue()


def tarred(data: bytes, how: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{how}") as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("inner.txt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def seven(data: bytes, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "inner.txt").write_bytes(data)
        command = ["7z", "a", "-bd", *options, "made", "inner.txt"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return next(Path(folder).glob("made*")).read_bytes()


PACKED = {
    "plain.txt": lambda data: data,
    "a.zip": zipped,
    "nested.zip": lambda data: zipped(zipped(data)),
    "a.tar": lambda data: tarred(data, ""),
    "a.tar.gz": lambda data: tarred(data, "gz"),
    "a.tar.bz2": lambda data: tarred(data, "bz2"),
    "a.tar.xz": lambda data: tarred(data, "xz"),
    "a.7z": lambda data: seven(data, "-t7z"),
    "locked.7z": lambda data: seven(data, "-t7z", "-pinfected", "-mhe=on"),
    "rare.7z": lambda data: seven(data + bytes(100_000), "-t7z", "-m0=PPMd"),
    "rare.zip": lambda data: seven(data + bytes(100_000), "-tzip", "-mm=Deflate64"),
    "locked.zip": lambda data: seven(data, "-tzip", "-mem=AES256", "-pinfected"),
    "mail.eml": lambda data: mail(zipped(data)),
}


def strip(inspection: Inspection) -> Verdict:
    bad = tuple(each for each in inspection.findings if each.kind is Kind.MALWARE)
    paths = tuple(dict.fromkeys(each.artifact for each in bad if each.artifact))
    return Verdict("r", (Address("b@example.net"),), (Step("strip", artifacts=paths),), bad, "It holds malware.")


def test_everything_works_in_the_sandbox_as_it_does_outside(settings: Settings) -> None:
    loaded = settings()
    job = Job(loaded)

    async def check() -> None:
        deaths: list[str] = []
        pool = Pool(loaded, on_death=deaths.append)
        await pool.start()
        try:
            assert pool.version == job.version
            assert pool.status().patterns == job.describe() != ()
            for name, pack in PACKED.items():
                for content, status in ((EICAR, Status.INFECTED), (b"hello", Status.CLEAN)):
                    raw, about = mail(pack(content), name), envelope()
                    inside, outside = await pool.inspect(raw, about), job.inspect(raw, about, "")
                    assert inside.status is status, (name, inside.findings)
                    assert (inside.findings, inside.artifacts, inside.properties, inside.patterns) == (
                        outside.findings, outside.artifacts, outside.properties, outside.patterns,
                    )  # fmt: skip
                    assert await pool.preview(raw) == job.preview(raw)
        finally:
            await pool.stop()
        assert deaths == []

    asyncio.run(check())


def test_treated_in_the_sandbox(settings: Settings) -> None:
    async def check() -> None:
        pool = Pool(settings())
        await pool.start()
        try:
            raw = mail(zipped(EICAR))
            inspection = await pool.inspect(raw, envelope())
            treatment = await pool.treat(raw, strip(inspection), inspection)
            assert treatment.raw is not None, treatment.outcomes
            assert (await pool.inspect(treatment.raw, envelope())).status is Status.CLEAN
        finally:
            await pool.stop()

    asyncio.run(check())


def test_what_no_longer_looks_like_a_mail_is_inspected_as_one_again(settings: Settings) -> None:
    """Two parts hold the same; one is taken out: the copy that stays behind must be noticed."""
    job = Job(settings())
    raw = mail(EICAR, "one.txt")
    second = raw[raw.rindex(b"--x\r\n") : raw.rindex(b"--x--")].replace(b"one.txt", b"two.txt")
    raw = raw.replace(b"--x--", second + b"--x--")
    seen = job.inspect(raw, envelope(), "")
    both = strip(seen)
    assert len(both.steps[0].artifacts) == 2
    assert job._again(raw).findings == seen.findings
    assert job._again(b"X: y\r\n" + raw[raw.index(b"MIME-Version") :]).findings == seen.findings


def test_problems_of_engines_and_of_actions_come_together(tmp_path: Path) -> None:
    file = tmp_path / "lazaretto.toml"
    file.write_text("[engines.patterns]\nsecond = 1\n[actions.strip]\nnonsense = 1\n")
    with pytest.raises(ConfigError) as caught:
        Job(config.load(file, {}))
    assert [problem.line for problem in caught.value.problems] == [2, 4]


def deck(seed: int) -> list[bytes]:
    """Mails whose attachments repeat: harmless ones, threats, damaged and locked ones, under other names each time."""
    chance = random.Random(seed)
    page = b"<html><script>x = unescape('%61')</script>" + chance.randbytes(9).hex().encode()
    things = [EICAR, zipped(EICAR), zipped(b"text"), zipped(b"x")[:40], b"MZ" + bytes(300), page, b"%PDF-1.4 junk"]
    things += [chance.randbytes(chance.randrange(1, 400)) for _ in range(6)]
    names = ["a.zip", "b.txt", "c.pdf.exe", "d.jpg"]
    return [mail(chance.choice(things), chance.choice(names)) for _ in range(160)]


def test_what_is_known_is_what_a_fresh_scan_says_whatever_dies(settings: Settings) -> None:
    """Answers of real workers that share results, are killed meanwhile, and load everything anew: each is the answer
    of an inspector that has seen nothing before."""
    loaded = settings(count=3)

    async def check() -> None:
        pool = Pool(loaded)
        await pool.start()
        try:
            for seed in range(2):
                for round_ in range(2):
                    mails = deck(seed)
                    one = envelope()
                    tasks = [asyncio.create_task(pool.inspect(each, one)) for each in mails]
                    for _ in range(3 * (1 - round_)):  # each mail gets a second try, so the kills are far apart
                        await asyncio.sleep(0.4)
                        os.kill(random.choice(pool.status().workers).pid, signal.SIGKILL)
                    for raw, found in zip(mails, await asyncio.gather(*tasks), strict=True):
                        fresh = Job(loaded).inspect(raw, one, "") if raw not in known else known[raw]
                        known[raw] = fresh
                        assert wire.encode(found.findings) == wire.encode(fresh.findings)
                        assert found.artifacts == fresh.artifacts
            before = pool.status().results
            assert before["shared"] > 0
            assert before["own"] > 0
            assert before["bytes"] > 0
            assert before["disputes"] == 0
            await pool.reload()
            assert pool.status().results["entries"] == 0
            await pool.inspect(mails[0], one)
            assert pool.status().results["misses"] > before["misses"]
        finally:
            await pool.stop()

    known: dict[bytes, Inspection] = {}
    asyncio.run(check())


def test_without_room_nothing_is_shared() -> None:
    async def check() -> None:
        pool = Pool(config.Loaded(config.Config.model_validate({"workers": {"count": 2, "results": 0}}), None))
        await pool.start()
        try:
            for _ in range(4):
                await asyncio.gather(*(pool.inspect(mail(EICAR), envelope()) for _ in range(2)))
            results = pool.status().results
            assert (results["shared"], results["bytes"]) == (0, 0)
            assert results["own"] > 0
        finally:
            await pool.stop()

    asyncio.run(check())
