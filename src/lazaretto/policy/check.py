"""What can be wrong with a policy document although every table of it is well formed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lazaretto.config import Key
from lazaretto.errors import Problem
from lazaretto.model import Kind, Reply
from lazaretto.plugin import Action
from lazaretto.policy.globs import Globs
from lazaretto.policy.schema import Do, RuleText, What, Who

Numbered = tuple[int, RuleText]  # a rule with its place in the file, from 0


@dataclass(frozen=True)
class Check:
    actions: Mapping[str, Action]
    groups: Collection[str]
    file: Path | None
    lines: Mapping[Key, int]
    reserved: tuple[str, ...] = ()  # beginnings of ids that are not for the organisation's rules

    def problems(self, rules: Sequence[Numbered]) -> Iterator[Problem]:
        seen: dict[str, int] = {}
        for place, (index, rule) in enumerate(rules):
            if rule.id in seen:
                first = self.lines.get(("rule", str(seen[rule.id])))
                yield self._problem(index, "id", rule, "another rule has this id", f"it stands at line {first}")
            seen.setdefault(rule.id, index)
            if rule.id.startswith(self.reserved):
                yield self._problem(index, "id", rule, "ids of this form are the built-in rules'", "choose another id")
            yield from self._groups(index, rule)
            yield from self._steps(index, rule)
            yield from self._use(index, rule, rules[:place])

    def _groups(self, index: int, rule: RuleText) -> Iterator[Problem]:
        for name in rule.who.groups:
            if name not in self.groups:
                yield self._problem(index, "who", rule, f"unknown group {name!r}", _closest(name, self.groups))

    def _steps(self, index: int, rule: RuleText) -> Iterator[Problem]:
        final: list[str] = []
        for step in rule.then:
            action = self.actions.get(step.do)
            if action is None:
                what, remedy = f"unknown action {step.do!r}", _closest(step.do, self.actions)
                yield self._problem(index, "then", rule, what, remedy)
                continue
            for complaint, remedy in _options(action, step):
                yield self._problem(index, "then", rule, complaint, remedy)
            if action.reply is not Reply.ACCEPT:
                final.append(step.do)
        if len(final) > 1:
            what = f"{' and '.join(final)} cannot both decide where the message goes"
            yield self._problem(index, "then", rule, what, "keep one of them")

    def _use(self, index: int, rule: RuleText, earlier: Sequence[Numbered]) -> Iterator[Problem]:
        if rule.what is None:
            if all(step.do == "deliver" for step in rule.then):
                remedy = 'to let findings pass, name them: what = {kind = ["spam"]}'
                yield self._problem(index, "then", rule, "has no effect: what nobody forbids is delivered", remedy)
            for step in rule.then:
                if step.do in self.actions and self.actions[step.do].per_part:
                    remedy = 'name the parts it is about: what = {artifact = "*.exe"}'
                    yield self._problem(
                        index, "then", rule, f"{step.do} for every message has no part to work on", remedy
                    )
            return
        for at, other in earlier:
            if covers(other, rule):
                line = self.lines.get(("rule", str(at)))
                what = f"can never match: rule {other.id} at line {line} takes everything before it"
                yield self._problem(index, "id", rule, what, "move it up, or make the other rule narrower")
                return

    def _problem(self, index: int, key: str, rule: RuleText, what: str, remedy: str) -> Problem:
        table = ("rule", str(index))
        line = self.lines.get((*table, key), self.lines.get(table))
        return Problem(self.file, line, f"rule {rule.id}: {what}", remedy)


def _options(action: Action, step: Do) -> Iterator[tuple[str, str]]:
    options = step.__pydantic_extra__
    for name in options:
        if name not in action.options:
            yield f"the action {action.name} has no option {name!r}", _closest(name, action.options)
    if action.options.issuperset(options):
        for complaint in action.check(options):
            yield f"the action {action.name}: {complaint}", ""


def _closest(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known) or 'none'}"


# ---------------------------------------------------------------------------- shadows


def covers(first: RuleText, second: RuleText) -> bool:
    """True when it is certain that ``first`` takes everything that ``second`` could."""
    return (
        first.when is None
        and first.what is not None
        and second.what is not None
        and _who_covers(first.who, second.who)
        and _what_covers(first.what, second.what)
    )


def _who_covers(first: Who, second: Who) -> bool:
    return (
        _wider(first.senders, second.senders)
        and _wider(first.recipients, second.recipients)
        and _wider(first.door, second.door)
        and _more(first.groups, second.groups)
        and _more(first.direction, second.direction)
    )


def _what_covers(first: What, second: What) -> bool:
    return (
        first.about_findings == second.about_findings
        and _more(first.kind, second.kind, every=len(Kind))
        and first.severity_at_least <= second.severity_at_least
        and first.confidence_at_least <= second.confidence_at_least
        and _wider(first.source, second.source)
        and _wider(first.name, second.name)
        and _wider(first.artifact, second.artifact)
        and _wider(first.type, second.type)
        and (first.size_over is None or (second.size_over is not None and first.size_over <= second.size_over))
    )


def _wider(first: Globs, second: Globs) -> bool:
    return not first or (bool(second) and first.include(second))


def _more(first: Sequence[str], second: Sequence[str], every: int = -1) -> bool:
    return not first or len(set(first)) == every or (bool(second) and set(second) <= set(first))
