"""tag: the message is marked, in a header field that rules can use and, if wanted, in the subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Template
from typing import Annotated

from pydantic import AfterValidator, Field

from lazaretto import config
from lazaretto.model import Can, Done, Outcome, Step, Verdict, one_line
from lazaretto.plugin import Action, Draft

NAMED = 5  # findings in the header field
LONGEST = 900  # characters of a field, below the 998 of a line (RFC 5322, 2.1.1) that encoding may not reach
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}")  # RFC 5322, 3.6.8: printable ASCII without the colon
_STRUCTURE = ("content-", "mime-version", "from", "sender", "to", "cc", "date", "message-id", "received", "subject")


def _template(value: str) -> str:
    template = Template(value)
    if not template.is_valid() or not {"threats", "rule", "id"}.issuperset(template.get_identifiers()):
        raise ValueError("the value may name $threats, $rule and $id only; write $$ for the sign itself")
    return value


class Tag(Action):
    name = "tag"
    needs = Can.REPLACE
    nearest = ("deliver",)
    rank = 10
    options = frozenset({"subject", "header", "value"})

    class Settings(config.Settings):
        header: str = Field("X-Lazaretto", pattern=_FIELD_NAME.pattern, description="name of the header field")
        value: Annotated[str, AfterValidator(_template)] = Field(
            "$threats; rule=$rule; id=$id", description="its value: $threats, $rule and $id are filled in"
        )

    settings: Settings

    def check(self, options: Mapping[str, str]) -> Iterable[str]:
        header = options.get("header", self.settings.header)
        if header and not _FIELD_NAME.fullmatch(header):
            yield f"{header!r} is no name of a header field: use letters, digits and hyphens"
        elif header.lower().startswith(_STRUCTURE[0]) or header.lower() in _STRUCTURE:
            yield f"mail depends on the field {header}: take a name of your own, such as X-Lazaretto"
        try:
            _template(options.get("value", ""))
        except ValueError as error:
            yield str(error)

    def describe(self, step: Step) -> str:
        return "the message is marked"

    def edit(self, draft: Draft, step: Step, verdict: Verdict) -> Iterable[Outcome]:
        if prefix := step.options.get("subject", ""):
            subject = draft.get_header("Subject") or ""
            if not subject.startswith(prefix.strip()):  # a message may pass more than one of us
                draft.set_header("Subject", (prefix + subject).rstrip())
        if header := step.options.get("header", self.settings.header):
            draft.add_header(header, self._value(step, verdict))
        return (Outcome(self.name, Done.DONE),)

    def _value(self, step: Step, verdict: Verdict) -> str:
        named = dict.fromkeys(f"{each.kind}={one_line(each.name)}" for each in verdict.findings)
        threats = ", ".join(list(named)[:NAMED]) + (", …" if len(named) > NAMED else "")
        template = Template(step.options.get("value", self.settings.value))
        return one_line(template.safe_substitute(threats=threats, rule=verdict.rule, id=verdict.envelope), LONGEST)
