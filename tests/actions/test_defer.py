from __future__ import annotations

import asyncio
from typing import Any

from lazaretto.actions.defer import Defer
from lazaretto.model import Can, Done, Reply, Step


def test_defer(bench: Any) -> None:
    action = bench.make(Defer)
    assert (action.reply, action.needs) == (Reply.DEFER, Can(0)), "every door can say: not now"
    (outcome,) = asyncio.run(bench.carry_out(action, Step("defer")))
    assert (outcome.action, outcome.status) == ("defer", Done.DONE)
