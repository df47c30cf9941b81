from __future__ import annotations

import asyncio
from typing import Any

from lazaretto.actions.backup import Backup
from lazaretto.model import Can, Done, Reply, Step


def test_backup(bench: Any) -> None:
    action = bench.make(Backup)
    assert (action.reply, action.needs) == (Reply.ACCEPT, Can(0))
    (outcome,) = asyncio.run(bench.carry_out(action, Step("backup")))
    assert (outcome.action, outcome.status, outcome.item) == ("backup", Done.DONE, "ITEM1")
    assert bench.keeper.held == [("backup", None)]
