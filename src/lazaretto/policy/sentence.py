"""Why a message is treated as it is, in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lazaretto.model import ArtifactSummary, Step, one_line
from lazaretto.plugin import Action
from lazaretto.policy.claim import POLICY, Claim
from lazaretto.policy.plan import DELIVER, Choice, Plan

NAMED = 3  # threats of each rule, and places of each threat
RULES = 3  # named besides the decisive one


def sentence(plan: Plan, artifacts: Mapping[str, ArtifactSummary], actions: Mapping[str, Action]) -> str:
    """The rule that decided comes first, then the others in their order."""
    if not plan.claims:
        return f"Nothing was found that a rule acts on, so {_delivered(actions)} (rule default.clean)."
    order = sorted(range(len(plan.claims)), key=lambda index: index != plan.decisive)
    said: set[str] = set()
    clauses = [_clause(plan, index, artifacts, actions, said) for index in order[: 1 + RULES]]
    if len(order) > 1 + RULES:
        clauses.append(f"{len(order) - 1 - RULES} more rules apply")
    text = "; ".join(clauses)
    if not plan.claims[plan.decisive].findings:  # names keep their case: files are looked for by them
        text = text[0].upper() + text[1:]
    return f"{text}."


def _clause(
    plan: Plan,
    index: int,
    artifacts: Mapping[str, ArtifactSummary],
    actions: Mapping[str, Action],
    said: set[str],
) -> str:
    """What a rule has taken and what comes of it; effects that were ``said`` before are not said again."""
    claim = plan.claims[index]
    asked = [choice for choice in plan.asked if choice.claim == index]
    done = [choice for choice in asked if any(choice.same_as(each) for each in plan.choices)]
    text = _found(claim, artifacts)
    effects = dict.fromkeys(choice.action.describe(choice.step) for choice in done)
    if effects and said.issuperset(effects):
        text += ", likewise"
    elif effects:
        text += f"{_reasons(done) or ','} so {_listed(list(effects))}"
    elif not plan.choices and index == plan.decisive:
        text += f"{_reasons(asked) or ','} so {_delivered(actions)}"
    said.update(effects)
    return f"{text} (rule {claim.rule.id})"


def _delivered(actions: Mapping[str, Action]) -> str:
    return actions[DELIVER].describe(Step(DELIVER))


def _reasons(choices: Sequence[Choice]) -> str:
    """Why something else is done than the rule says."""
    reasons = dict.fromkeys(choice.instead for choice in choices if choice.instead)
    return f", but {' and '.join(reasons)}," if reasons else ""


def _found(claim: Claim, artifacts: Mapping[str, ArtifactSummary]) -> str:
    """What was found, and where: each threat once, with all its places."""
    if not claim.findings:
        return "a rule for such messages applies"
    places: dict[str, dict[str, None]] = {}
    for finding in claim.findings:
        place = _place(finding.artifact, artifacts)
        if finding.source == POLICY:  # the artifact itself is what was found
            places.setdefault(place, {})
        else:
            places.setdefault(f"{one_line(finding.name)} ({finding.kind})", {})[place] = None
    first, *others = list(places.items())[:NAMED]
    named = [f"{first[0]} was found{_places(first[1])}", *(f"{what}{_places(where)}" for what, where in others)]
    return _listed([*named, *_more(len(places))])


def _places(where: Mapping[str, None]) -> str:
    return f" in {_listed([*list(where)[:NAMED], *_more(len(where))])}" if where else ""


def _more(count: int) -> list[str]:
    return [f"{count - NAMED} more"] if count > NAMED else []


def _place(path: str | None, artifacts: Mapping[str, ArtifactSummary]) -> str:
    """The artifact's name, and the name of what was attached when that is another."""
    artifact = artifacts.get(path) if path is not None else None
    if artifact is None:
        return "the message"
    outer = artifact
    for _ in range(artifact.depth):  # no deeper than that, whatever the parents say
        outer = artifacts.get(outer.parent or "", outer)
    name, outside = _name(artifact), _name(outer)
    return name if outside == name or outer.part != artifact.part else f"{name} inside {outside}"


def _name(artifact: ArtifactSummary) -> str:
    if artifact.names and artifact.names[0].strip():
        return one_line(artifact.names[0], 60)
    return f"part {artifact.part} of the message" if artifact.part else "the text of the message"


def _listed(phrases: Sequence[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
