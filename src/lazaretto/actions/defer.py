"""defer: not now.  The sender's mail server keeps the message and tries again; a store leaves the item."""

from __future__ import annotations

from collections.abc import Iterable

from lazaretto.model import Done, Outcome, Reply, Step
from lazaretto.plugin import Action, Case, Keeper


class Defer(Action):
    name = "defer"
    rank = 40
    reply = Reply.DEFER  # every door can say so: it needs nothing

    def describe(self, step: Step) -> str:
        return "the message is deferred until it can be tried again"

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        return (Outcome(self.name, Done.DONE),)
