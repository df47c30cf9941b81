from __future__ import annotations

import asyncio
from typing import Any

from lazaretto.actions.reject import Reject
from lazaretto.model import Can, Done, Reply, Step


def test_reject(bench: Any) -> None:
    action = bench.make(Reject)
    assert (action.reply, action.needs) == (Reply.REJECT, Can.REJECT)
    assert "purge" not in action.nearest, "mail must not vanish without a word"
    (outcome,) = asyncio.run(bench.carry_out(action, Step("reject")))
    assert (outcome.action, outcome.status) == ("reject", Done.DONE)
