"""From the rules that apply to the steps that are taken: what the door can do, and the strictest decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lazaretto.model import ArtifactSummary, Can, Finding, Reply, Step, outside_in
from lazaretto.plugin import Action
from lazaretto.policy.claim import Claim

DELIVER = "deliver"  # the one action that policy knows by name: what happens when nobody asks for anything


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that a rule asks for, as this door can take it."""

    claim: int  # index of the claim
    step: Step
    action: Action
    instead: str = ""  # why it is not the step that the rule names: "this door cannot strip"

    def same_as(self, other: Choice) -> bool:
        """The same but for the artifacts."""
        return (self.step.action, self.step.options) == (other.step.action, other.step.options)


@dataclass(frozen=True, slots=True)
class Plan:
    claims: tuple[Claim, ...]
    choices: tuple[Choice, ...]  # to be carried out, in order; none: deliver
    decisive: int  # index of the claim that decided
    asked: tuple[Choice, ...] = ()  # before the strictest was chosen

    @property
    def reply(self) -> Reply:
        replies = [choice.action.reply for choice in self.choices]
        return next((reply for reply in replies if reply is not Reply.ACCEPT), Reply.ACCEPT)


class Planner:
    """Plans for one message at one door."""

    def __init__(self, actions: Mapping[str, Action], can: Can, artifacts: Sequence[ArtifactSummary]) -> None:
        self._actions, self._can = actions, can
        self._parts = {each.path: each.part for each in artifacts if each.part}  # neither None nor the root, ""

    def plan(self, claims: Sequence[Claim]) -> Plan:
        """All the steps that these rules ask for.  When one of them keeps the message from its recipients, the
        strictest of that sort stands, with those that only keep a copy; changes would be seen by nobody."""
        asked = [each for index, claim in enumerate(claims) for each in self._asked(index, claim)]
        if not asked:
            return Plan(tuple(claims), (), 0)
        last = max(asked, key=lambda each: (each.action.reply is not Reply.ACCEPT, each.action.rank))
        kept = [each for each in asked if _only_keeps(each.action)]
        if last.action.reply is Reply.DEFER:
            chosen = [last]  # the message comes again: a copy kept now would be one for each try
        elif last.action.reply is not Reply.ACCEPT:
            chosen = [*kept, last]
        else:
            chosen = kept + self._settled([each for each in asked if each.action.per_part])
            chosen += [each for each in asked if not each.action.per_part and not _only_keeps(each.action)]
        return Plan(tuple(claims), _distinct(chosen), last.claim, tuple(asked))

    def nearest(self, action: Action, reply: Reply) -> Action | None:
        """The nearest action that this door can take and that gives it this reply."""
        near = (self._actions[name] for name in action.nearest if name in self._actions)
        return next((each for each in near if each.reply is reply and self._possible(each)), None)

    def _asked(self, index: int, claim: Claim) -> list[Choice]:
        asked = []
        for step in claim.rule.steps:
            action = self._actions[step.action]
            inside = tuple(dict.fromkeys(each.artifact for each in claim.findings if each.artifact in self._parts))
            homeless = not claim.findings or any(each.artifact not in self._parts for each in claim.findings)
            if not self._possible(action):
                why = f"this door cannot {action.name}"
                asked += self._instead(index, action, inside, homeless=homeless, why=why)
            elif not action.per_part:
                asked.append(Choice(index, step, action))
            else:
                if inside:
                    asked.append(Choice(index, replace(step, artifacts=_paths(inside)), action))
                if homeless:
                    why = "it is in no part that can be changed on its own"
                    asked += self._instead(index, action, (), homeless=True, why=why)
        return asked

    def _instead(
        self, index: int, action: Action, inside: Sequence[str | None], *, homeless: bool, why: str
    ) -> list[Choice]:
        for name in action.nearest:
            other = self._actions.get(name)
            if other and self._possible(other) and not (other.per_part and homeless):
                step = Step(name, artifacts=_paths(inside) if other.per_part else ())
                return [Choice(index, step, other, why)]
        return []

    def _possible(self, action: Action) -> bool:
        return action.needs in self._can

    def _settled(self, choices: Sequence[Choice]) -> list[Choice]:
        """Each part is changed once, by the strictest of those who want to change it or something within it."""
        wanted: dict[str, Choice] = {}  # by part
        for choice in choices:
            for path in choice.step.artifacts:
                part = self._parts[path]
                if part not in wanted or choice.action.rank > wanted[part].action.rank:
                    wanted[part] = choice
        outer = {part: next(each for each in outside_in(part) if each in wanted) for part in wanted}
        winner: dict[str, Choice] = {}
        for part, choice in wanted.items():
            if (top := outer[part]) not in winner or choice.action.rank > winner[top].action.rank:
                winner[top] = choice
        paths = {path: None for choice in choices for path in choice.step.artifacts}
        return [
            replace(choice, step=replace(choice.step, artifacts=tuple(mine)))
            for choice in choices
            if (mine := [path for path in paths if winner[outer[self._parts[path]]] is choice])
        ]


def _only_keeps(action: Action) -> bool:
    """Touches neither the message nor its way, such as a backup."""
    return action.needs == Can(0) and action.reply is Reply.ACCEPT and action.name != DELIVER


def _paths(inside: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(path for path in inside if path is not None)


def _distinct(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Steps that differ in their artifacts alone are one step (and keep one copy of the original, not several);
    "deliver" says nothing beside others."""
    found: list[Choice] = []
    for choice in choices:
        if choice.action.name == DELIVER:
            continue
        at = next((at for at, each in enumerate(found) if each.same_as(choice)), None)
        if at is None:
            found.append(choice)
        else:
            both = dict.fromkeys((*found[at].step.artifacts, *choice.step.artifacts))
            found[at] = replace(found[at], step=replace(found[at].step, artifacts=tuple(both)))
    return tuple(found)


def findings_of(claims: Sequence[Claim]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(finding for claim in claims for finding in claim.findings))
