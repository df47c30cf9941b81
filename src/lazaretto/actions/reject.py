"""reject: the message is refused at the door, so that the server that brings it tells its sender.

Only at the door: a message that has been accepted is never bounced, for its sender may be forged (backscatter).
"""

from __future__ import annotations

from collections.abc import Iterable

from lazaretto.model import Can, Done, Outcome, Reply, Step
from lazaretto.plugin import Action, Case, Keeper


class Reject(Action):
    name = "reject"
    needs = Can.REJECT
    nearest = ("quarantine", "strip", "tag", "deliver")  # no purge: mail must not vanish without a word
    rank = 60
    reply = Reply.REJECT

    def describe(self, step: Step) -> str:
        return "the message is refused"

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        return (Outcome(self.name, Done.DONE),)
