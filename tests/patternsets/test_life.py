"""With a real pool: its nursery compiles what the set under test is."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lazaretto import config
from lazaretto.errors import ConfigError, NotFound, StorageError, WorkerError
from lazaretto.patternsets.copies import Copies
from lazaretto.patternsets.life import PatternSets
from lazaretto.workers.pool import Pool

MAIL = b"Subject: x\r\n\r\nan odd thing\r\n"
SLOW = "rule slow { condition: for all i in (0..1000000000) : ( for all j in (0..1000000000) : ( i + j >= 0 ) ) }"


@dataclass
class Opened:
    sets: PatternSets
    pool: Pool
    refused: str

    async def found(self) -> set[str]:
        return {finding.name for finding in (await self.pool.inspect(MAIL, None, name="x.eml")).findings}


@asynccontextmanager
async def running(tmp_path: Path, **patterns: Any) -> AsyncIterator[Opened]:
    given = {
        "data_dir": str(tmp_path / "var"),
        "workers": {"count": 1},
        "engines": {"patterns": {"dirs": [str(tmp_path / "rules")], **patterns}},
    }
    loaded = config.Loaded(config.Config.model_validate(given), None)
    pool = Pool(loaded)
    sets = PatternSets(loaded, pool)
    try:
        yield Opened(sets, pool, await sets.start())
    finally:
        await pool.stop(0)


def write(tmp_path: Path, name: str, text: str = "") -> None:
    (tmp_path / "rules").mkdir(exist_ok=True)
    (tmp_path / "rules/a.yar").write_text(text or f'rule {name} {{ strings: $a = "odd" condition: $a }}')


async def test_another_set_takes_over_and_the_one_before_comes_back(tmp_path: Path) -> None:
    write(tmp_path, "first")
    async with running(tmp_path) as node:
        assert await node.found() == {"first"}
        first = node.pool.version
        write(tmp_path, "second")
        second = await node.sets.reload()
        assert await node.found() == {"second"}
        life = await node.sets.status()
        assert [(each.version, each.current) for each in life.sets] == [(second, True), (first, False)]
        assert (life.current, life.refused, life.pinned) == (life.sets[0], "", False)
        assert await node.sets.roll_back() == first
        assert await node.found() == {"first"}
        assert (await node.sets.status()).pinned
        with pytest.raises(NotFound, match="no older pattern set is kept"):
            await node.sets.roll_back()
        with pytest.raises(NotFound, match="no pattern set 'x' is kept"):
            await node.sets.roll_back("x")
        assert await node.sets.roll_back(second) == second
        assert await node.sets.roll_back(life.sets[1].id) == first
    async with running(tmp_path) as node:  # rolled back stays rolled back
        assert (node.refused, node.pool.version) == ("", first)
        assert await node.sets.reload() == second
    async with running(tmp_path) as node:
        assert node.pool.version == second


@pytest.mark.parametrize("broken", ["samples", "folder", "seconds"])
async def test_a_broken_set_stops_no_mail(tmp_path: Path, broken: str) -> None:
    write(tmp_path, "first")
    async with running(tmp_path) as node:
        version = node.pool.version
        if broken == "samples":
            write(tmp_path, "second")
            (tmp_path / "rules/tests/match/second").mkdir(parents=True)
            (tmp_path / "rules/tests/match/second/x").write_text("nothing of the sort")
        elif broken == "folder":
            (tmp_path / "rules").rename(tmp_path / "elsewhere")
        else:
            write(tmp_path, "second")
            node.sets._loaded.config.workers.__dict__["load_seconds"] = 0.05
        with pytest.raises((ConfigError, WorkerError)) as told:
            await node.sets.reload()
        reason = {
            "samples": f"{tmp_path}/rules/tests/match/second/x: rule second does not match this sample",
            "folder": f"{tmp_path}/rules: is no folder of patterns",
            "seconds": "takes more than 0.05 seconds (workers.load_seconds)",
        }[broken]
        assert reason in str(told.value)
        assert node.pool.version == version
        assert await node.found() == {"first"}
        life = await node.sets.status()
        assert reason in life.refused
        assert len(life.sets) == 1
        assert life.loading_since is None
    if broken != "seconds":
        async with running(tmp_path) as node:  # nor when the node starts anew
            assert reason in node.refused
            assert await node.found() == {"first"}
            assert reason in (await node.sets.status()).refused


async def test_a_first_start_with_a_broken_set_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder of patterns"):
        async with running(tmp_path):
            pass


async def test_workers_that_come_again_have_the_set_in_force(tmp_path: Path) -> None:
    """Not what has been written into the folder meanwhile."""
    write(tmp_path, "first")
    async with running(tmp_path) as node:
        write(tmp_path, "second")
        await node.pool.reload()
        assert await node.found() == {"first"}


async def test_what_is_in_hand_is_finished_under_its_own_set(tmp_path: Path) -> None:
    write(tmp_path, "", SLOW)
    async with running(tmp_path, seconds=4) as node:
        old = node.pool.version
        slow = asyncio.create_task(node.pool.inspect(MAIL, None, name="x.eml"))
        await asyncio.sleep(0.3)
        write(tmp_path, "second")
        new = await node.sets.reload()
        assert not slow.done()  # otherwise this shows nothing
        quick = await node.pool.inspect(MAIL, None, name="x.eml")
        assert (quick.patterns, {finding.name for finding in quick.findings}) == (new, {"second"})
        finished = await slow
        assert (finished.patterns, finished.findings[-1].name) == (old, "limit.seconds")
        assert old != new


async def test_without_folders_there_is_nothing_to_keep(tmp_path: Path) -> None:
    loaded = config.Loaded(
        config.Config.model_validate({"data_dir": str(tmp_path / "var"), "workers": {"count": 1}}), None
    )
    pool = Pool(loaded)
    try:
        sets = PatternSets(loaded, pool)
        assert await sets.start() == ""
        assert await sets.reload() == pool.version
        assert (await sets.status()).sets == ()
    finally:
        await pool.stop(0)


async def test_a_place_that_cannot_be_written_stops_no_mail(tmp_path: Path) -> None:
    write(tmp_path, "first")
    (tmp_path / "var").mkdir()
    (tmp_path / "var/patterns").touch()
    async with running(tmp_path) as node:
        assert await node.found() == {"first"}
        assert "cannot be kept" in (await node.sets.status()).unkept


async def test_a_set_that_was_rolled_back_to_and_is_gone_is_told(tmp_path: Path) -> None:
    write(tmp_path, "first")
    async with running(tmp_path) as node:
        write(tmp_path, "second")
        await node.sets.reload()
        await node.sets.roll_back()
        (current,) = [each for each in (await node.sets.status()).sets if each.current]
    shutil.rmtree(tmp_path / "var/patterns" / current.id)
    async with running(tmp_path) as node:
        assert (
            f"rolled back to does not serve, the folders take its place: the pattern set {current.id}" in node.refused
        )
        assert await node.found() == {"second"}


async def test_the_set_in_force_stays_when_it_could_not_be_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, and then a reload of the same that fails: workers that come again still find their files."""

    def full(self: Copies, name: str, version: str) -> None:
        raise StorageError("no space left")

    write(tmp_path, "first")
    monkeypatch.setattr(Copies, "loaded", full)
    async with running(tmp_path) as node:
        node.sets._loaded.config.workers.__dict__["load_seconds"] = 0.05
        with pytest.raises(WorkerError):
            await node.sets.reload()
        await node.pool.reload()
        assert await node.found() == {"first"}
