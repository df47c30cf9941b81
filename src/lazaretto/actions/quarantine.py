"""quarantine: the recipients get nothing for now; the message waits in the vault, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable

from lazaretto.model import Can, Done, Outcome, Reply, Step
from lazaretto.plugin import Action, Case, Keeper


class Quarantine(Action):
    name = "quarantine"
    needs = Can.HOLD
    nearest = ("reject", "strip", "tag", "deliver")  # no purge: what is held may turn out to be wanted
    rank = 50
    reply = Reply.DISCARD

    def describe(self, step: Step) -> str:
        return "the message is held in quarantine"

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        item = await keeper.hold(case, purpose="quarantine")
        return (Outcome(self.name, Done.DONE, item=item),)
