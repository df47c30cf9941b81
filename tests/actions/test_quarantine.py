from __future__ import annotations

import asyncio
from typing import Any

from lazaretto.actions.quarantine import Quarantine
from lazaretto.model import Can, Done, Reply, Step


def test_quarantine(bench: Any) -> None:
    action = bench.make(Quarantine)
    assert (action.reply, action.needs) == (Reply.DISCARD, Can.HOLD)
    (outcome,) = asyncio.run(bench.carry_out(action, Step("quarantine")))
    assert (outcome.action, outcome.status, outcome.item) == ("quarantine", Done.DONE, "ITEM1")
    assert bench.keeper.held == [("quarantine", None)]
