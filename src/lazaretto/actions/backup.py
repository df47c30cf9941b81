"""backup: the original is kept in the vault, whatever else happens; the message goes its way."""

from __future__ import annotations

from collections.abc import Iterable

from lazaretto.model import Done, Outcome, Step
from lazaretto.plugin import Action, Case, Keeper


class Backup(Action):
    name = "backup"
    rank = 5

    def describe(self, step: Step) -> str:
        return "a copy of the original is kept"

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        item = await keeper.hold(case, purpose="backup")
        return (Outcome(self.name, Done.DONE, item=item),)
