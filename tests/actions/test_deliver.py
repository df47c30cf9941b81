from __future__ import annotations

import asyncio
from typing import Any

from lazaretto.actions.deliver import Deliver
from lazaretto.model import Can, Reply, Step


def test_deliver(bench: Any) -> None:
    action = bench.make(Deliver)
    assert (action.reply, action.needs, action.rank) == (Reply.ACCEPT, Can(0), 0)
    assert asyncio.run(bench.carry_out(action, Step("deliver"))) == []
    assert bench.edit(action, Step("deliver")) == (None, [])
