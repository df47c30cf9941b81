"""purge: the whole message is accepted and dropped; nobody gets it, nobody is told, nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable

from lazaretto.model import Can, Done, Outcome, Reply, Step
from lazaretto.plugin import Action, Case, Keeper


class Purge(Action):
    name = "purge"
    needs = Can.DELETE
    nearest = ("quarantine", "reject", "strip", "tag", "deliver")  # a refusal would bounce to a forged sender
    rank = 70
    reply = Reply.DISCARD

    def describe(self, step: Step) -> str:
        return "the whole message is discarded"

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        return (Outcome(self.name, Done.DONE),)
