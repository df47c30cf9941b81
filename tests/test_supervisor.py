"""Real processes: each child is a few lines of Python."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from lazaretto import supervisor
from lazaretto.supervisor import Child

STEADY = "import time\nprint('ready', flush=True)\ntime.sleep(60)"


def child(code: str, said: list[str], *, vital: bool = True) -> Child:
    return Child("test", [sys.executable, "-c", code], "ready", said.append, vital=vital)


async def until(condition: object, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_a_child_that_is_killed_is_started_again() -> None:
    kept = child(STEADY, [])
    keeping = asyncio.create_task(kept.keep())
    await kept.settled.wait()
    first = kept.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: kept.pid != first)
    await kept.stop()
    assert await keeping == 0


async def test_a_vital_child_that_cannot_start_ends_it_with_its_status() -> None:
    assert await child("import sys\nprint('no port')\nsys.exit(2)", said := []).keep() == 2
    assert said == ["no port"]


async def test_another_child_is_tried_again_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    flag = tmp_path / "second"
    code = f"import os,sys\nif not os.path.exists({str(flag)!r}):\n  open({str(flag)!r}, 'w')\n  sys.exit(1)\n{STEADY}"
    kept = child(code, [], vital=False)
    keeping = asyncio.create_task(kept.keep())
    await asyncio.wait_for(kept.settled.wait(), 10)
    first = kept.pid
    await until(lambda: kept.pid != first)
    await kept.stop()
    assert await keeping == 0


async def test_a_child_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE", 0.3)
    code = (
        "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\ntime.sleep(60)"
    )
    kept = child(code, [])
    keeping = asyncio.create_task(kept.keep())
    await kept.settled.wait()
    await kept.stop()
    assert await keeping == 0
    with pytest.raises(ProcessLookupError):
        os.kill(kept.pid, 0)


async def test_a_child_that_was_being_made_when_the_end_came_ends_too() -> None:
    kept = child(STEADY, [])
    keeping = asyncio.create_task(kept.keep())
    await asyncio.sleep(0)
    await kept.stop()
    assert await asyncio.wait_for(keeping, 5) == 0


async def test_a_pause_before_the_next_start_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (60.0,))
    kept = child("raise SystemExit(1)", [], vital=False)
    keeping = asyncio.create_task(kept.keep())
    await kept.settled.wait()
    await kept.stop()
    assert await asyncio.wait_for(keeping, 5) == 0
