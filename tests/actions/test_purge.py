from __future__ import annotations

import asyncio
from typing import Any

from lazaretto.actions.purge import Purge
from lazaretto.model import Can, Done, Reply, Step


def test_purge(bench: Any) -> None:
    action = bench.make(Purge)
    assert (action.reply, action.needs) == (Reply.DISCARD, Can.DELETE)
    (outcome,) = asyncio.run(bench.carry_out(action, Step("purge")))
    assert (outcome.action, outcome.status, outcome.item) == ("purge", Done.DONE, None)
    assert bench.keeper.held == []
