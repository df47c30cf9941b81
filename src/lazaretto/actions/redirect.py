"""redirect: somebody else gets the message in place of its recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lazaretto.model import Address, Can, Done, Outcome, Step
from lazaretto.plugin import Action, Case, Keeper

# An address that any mail server takes without quoting; an administrator's mailbox is one.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+|[\w.!#$%&'*+/=?^`{|}~-]+@\[[\w.:]+\]")


class Redirect(Action):
    name = "redirect"
    needs = Can.DELETE  # its recipients must be able to get nothing
    nearest = ("quarantine", "reject", "tag", "deliver")
    rank = 30
    options = frozenset({"to"})

    def check(self, options: Mapping[str, str]) -> Iterable[str]:
        if not options.get("to"):
            return ('say to whom: {do = "redirect", to = "postmaster@example.org"}',)
        return tuple(f"{each!r} is no address" for each in _split(options["to"]) if not _ADDRESS.fullmatch(each))

    def describe(self, step: Step) -> str:
        return f"the message goes to {step.options['to']} instead"

    def reroute(self, step: Step, recipients: tuple[Address, ...]) -> tuple[Address, ...]:
        return tuple(map(Address, _split(step.options["to"])))

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        return (Outcome(self.name, Done.DONE, note=f"to {step.options['to']}"),)


def _split(addresses: str) -> list[str]:
    return [address.strip() for address in addresses.split(",")]
