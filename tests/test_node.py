from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lazaretto import config, node
from lazaretto.config import Loaded
from lazaretto.node import Node


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    file = tmp_path / "lazaretto.toml"
    file.write_text(f'data_dir = "{tmp_path}/var"\n')
    return config.load(file, {})


async def test_housekeeping_outlives_a_mistake_of_ours(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = 0

    async def broken() -> int:
        nonlocal rounds
        rounds += 1
        raise ZeroDivisionError

    monkeypatch.setattr(node, "HOUSEKEEPING", 0)
    made = Node(loaded)
    monkeypatch.setattr(made.vault, "expire", broken)
    monkeypatch.setattr(made.journal, "prune", broken)
    chore = asyncio.create_task(made._keep_house())
    while rounds < 6 and not chore.done():
        await asyncio.sleep(0)
    assert not chore.done()
    chore.cancel()
