"""canonical: a message that mail programs read differently is written anew, so that all of them see the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from lazaretto import config
from lazaretto.errors import HostileInput
from lazaretto.mime.canonical import READINGS, UNION, canonical
from lazaretto.mime.parse import parse
from lazaretto.mime.sights import Sights
from lazaretto.model import Can, Done, Message, Outcome, Step, Verdict
from lazaretto.plugin import Action, Draft

SIGNED = "the message has signed content: that signature no longer verifies"


def _reading(value: str) -> str:
    if value not in READINGS:
        raise ValueError(f"no reading {value!r}: there are {', '.join(READINGS)}")
    return value


class Canonical(Action):
    """Comes after all other changes of a verdict: they speak of the parts of the message as it came, and what they
    leave is written anew."""

    name = "canonical"
    needs = Can.REPLACE
    # Who asks for it wants nobody to open what others do not see: where it cannot be written anew, it is held.
    nearest = ("quarantine", "reject", "tag", "deliver")
    rank = 15
    options = frozenset({"reading"})

    class Settings(config.Settings):
        reading: Annotated[str, AfterValidator(_reading)] = Field(
            UNION, description="what is kept: all that any reader shows (`union`), or one reading by its name"
        )

    settings: Settings

    def check(self, options: Mapping[str, str]) -> Iterable[str]:
        try:
            _reading(options.get("reading", self.settings.reading))
        except ValueError as error:
            yield f"reading: {error}"

    def describe(self, step: Step) -> str:
        return "the message is written anew, so that every mail program reads it alike"

    def edit(self, draft: Draft, step: Step, verdict: Verdict) -> Iterable[Outcome]:
        reading = step.options.get("reading", self.settings.reading)
        try:
            made = canonical(draft.message, reading)
        except HostileInput as error:
            return (Outcome(self.name, Done.FAILED, error=str(error)),)
        if made is None:
            return (Outcome(self.name, Done.SKIPPED, note="every mail program reads it alike"),)
        draft.rewrite(lambda raw: canonical(parse(raw), reading))
        return (Outcome(self.name, Done.DONE, note=SIGNED if _is_signed(draft.message) else ""),)


def _is_signed(message: Message) -> bool:
    readings = (message, *(view.message for view in Sights(message).rivals))
    return any(part.media_type == "multipart/signed" for each in readings for part in each.root.walk())
