"""tag: the message is marked, in a header field that rules can use and, if wanted, in the subject or for others who
look at ambiguous mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Template
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lazaretto import config
from lazaretto.model import Can, Done, Kind, Outcome, Step, Verdict, one_line
from lazaretto.plugin import Action, Draft

NAMED = 5  # findings in the header field
DETAILED = 3  # lines of evidence for each finding of ambiguity
LONGEST = 900  # characters of a field, below the 998 of a line (RFC 5322, 2.1.1) that encoding may not reach
RESULTS = "MIME-Ambiguity-Results"  # draft-chen-email-mime-ambiguity-defense
_ID = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"  # a host name or a word like one
_NO_WORD = re.compile(r"[^A-Za-z0-9.:=/(),' -]+")  # what could end a result, or not stand in a field
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
    options = frozenset({"subject", "header", "value", "ambiguity_results"})

    class Settings(config.Settings):
        header: str = Field("X-Lazaretto", pattern=_FIELD_NAME.pattern, description="name of the header field")
        value: Annotated[str, AfterValidator(_template)] = Field(
            "$threats; rule=$rule; id=$id", description="its value: $threats, $rule and $id are filled in"
        )
        ambiguity_results: Literal["yes", "no"] = Field(
            "no", description=f"whether {RESULTS} is written too, and such fields from outside taken out"
        )
        ambiguity_id: str = Field("lazaretto", pattern=f"^{_ID}$", description="who says so in that field")

    settings: Settings

    def check(self, options: Mapping[str, str]) -> Iterable[str]:
        header = options.get("header", self.settings.header)
        if header and not _FIELD_NAME.fullmatch(header):
            yield f"{header!r} is no name of a header field: use letters, digits and hyphens"
        elif header.lower().startswith(_STRUCTURE[0]) or header.lower() in _STRUCTURE:
            yield f"mail depends on the field {header}: take a name of your own, such as X-Lazaretto"
        if options.get("ambiguity_results", "no") not in ("yes", "no"):
            yield 'ambiguity_results: "yes" or "no"'
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
        if step.options.get("ambiguity_results", self.settings.ambiguity_results) == "yes":
            draft.remove_header(RESULTS)  # whoever writes the field answers for it: one from outside may be a lie
            if results := _results(verdict):
                draft.add_header(RESULTS, f"{self.settings.ambiguity_id}; {results}"[:LONGEST])
        return (Outcome(self.name, Done.DONE),)

    def _value(self, step: Step, verdict: Verdict) -> str:
        named = dict.fromkeys(f"{each.kind}={one_line(each.name)}" for each in verdict.findings)
        threats = ", ".join(list(named)[:NAMED]) + (", …" if len(named) > NAMED else "")
        template = Template(step.options.get("value", self.settings.value))
        return one_line(template.safe_substitute(threats=threats, rule=verdict.rule, id=verdict.envelope), LONGEST)


def _results(verdict: Verdict) -> str:
    """``two-faced (last-field: ...)`` for each finding of ambiguity, with what the message says kept in its place."""
    results: dict[str, None] = {}
    for finding in verdict.findings:
        if finding.kind is Kind.AMBIGUOUS:
            why = ", ".join(_NO_WORD.sub("_", one_line(line)) for line in finding.evidence[:DETAILED])
            name = _NO_WORD.sub("_", finding.name.removeprefix("mime."))
            results.setdefault(name + (f" ({_unnested(why)})" if why else ""))
    return "; ".join(results)


def _unnested(text: str) -> str:
    """Fit to be a comment (RFC 5322, 3.2.2)."""
    return text.translate({ord("("): "[", ord(")"): "]"})
