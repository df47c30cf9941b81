"""deliver: nothing is done, the recipients get the message."""

from __future__ import annotations

from lazaretto.model import Step
from lazaretto.plugin import Action


class Deliver(Action):
    name = "deliver"

    def describe(self, step: Step) -> str:
        return "the message is delivered"
