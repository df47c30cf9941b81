"""The decision.  Pure: the same document, envelope and findings give the same verdicts, and nothing is touched.

Each finding is taken by the first rule that matches it; all steps of all rules that took something are carried
out, and the strictest of them decides where the message goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lazaretto.model import ArtifactSummary, Can, Envelope, Finding, Inspection, Reply, Step, Verdict
from lazaretto.plugin import Action
from lazaretto.policy.claim import Group, groups, united
from lazaretto.policy.document import Document
from lazaretto.policy.plan import DELIVER, Choice, Plan, Planner, findings_of
from lazaretto.policy.sentence import sentence

CLEAN = "default.clean"  # the rule of a message that no rule applies to
TOGETHER = "This door cannot treat recipients differently, so what applies to one applies to all."


def decide(
    document: Document,
    envelope: Envelope,
    inspection: Inspection,
    lookups: Sequence[Finding],
    actions: Mapping[str, Action],
) -> tuple[Verdict, ...]:
    """One verdict for each group of recipients that are treated alike; every recipient is in exactly one."""
    findings = (*inspection.findings, *lookups)
    found = groups(document, envelope, findings, inspection.artifacts)
    several = len(found) > 1
    if several and Can.SPLIT not in envelope.can:
        found = (united(document, found),)
    planner = Planner(actions, envelope.can, inspection.artifacts)
    plans = [planner.plan(group.claims) for group in found]
    by_path = {artifact.path: artifact for artifact in inspection.artifacts}
    verdicts = tuple(
        _verdict(envelope, group, plan, by_path, actions) for group, plan in zip(found, plans, strict=True)
    )
    if several and len(verdicts) == 1:
        return (replace(verdicts[0], sentence=f"{verdicts[0].sentence} {TOGETHER}"),)
    return _agreed(verdicts, plans, planner)


def _verdict(
    envelope: Envelope,
    group: Group,
    plan: Plan,
    artifacts: Mapping[str, ArtifactSummary],
    actions: Mapping[str, Action],
) -> Verdict:
    steps = tuple(choice.step for choice in plan.choices) or (Step(DELIVER),)
    rule = plan.claims[plan.decisive].rule.id if plan.claims else CLEAN
    why = sentence(plan, artifacts, actions)
    return Verdict(rule, tuple(group.recipients), steps, findings_of(plan.claims), why, envelope.id)


def _agreed(verdicts: tuple[Verdict, ...], plans: Sequence[Plan], planner: Planner) -> tuple[Verdict, ...]:
    """A door gives one answer for the whole message.  Deferred for one is deferred for all (they would get it
    again with the next try); refused for some only is held for these instead, so that it is not lost."""
    replies = [plan.reply for plan in plans]
    if Reply.DEFER in replies:
        return _all_as(verdicts, plans, replies.index(Reply.DEFER), "deferred")
    if Reply.REJECT not in replies or len(set(replies)) == 1:
        return verdicts
    refused = replies.index(Reply.REJECT)
    held = planner.nearest(_last(plans[refused]).action, Reply.DISCARD)
    if held is None:
        return _all_as(verdicts, plans, refused, "refused")
    why = f"It is not refused, because other recipients get theirs: instead {held.describe(Step(held.name))}."
    return tuple(
        replace(verdict, steps=(*_before(plan), Step(held.name)), sentence=f"{verdict.sentence} {why}")
        if reply is Reply.REJECT
        else verdict
        for verdict, plan, reply in zip(verdicts, plans, replies, strict=True)
    )


def _all_as(verdicts: tuple[Verdict, ...], plans: Sequence[Plan], which: int, done: str) -> tuple[Verdict, ...]:
    step = _last(plans[which]).step
    why = f"Because of other recipients (rule {verdicts[which].rule}) it is {done} for all."
    return tuple(
        verdict if plan.reply is plans[which].reply else replace(
            verdict, steps=(step,), sentence=f"{verdict.sentence} {why}"
        )
        for verdict, plan in zip(verdicts, plans, strict=True)
    )  # fmt: skip


def _last(plan: Plan) -> Choice:
    """The one that decides where the message goes: it stands behind those that only keep a copy."""
    return plan.choices[-1]


def _before(plan: Plan) -> tuple[Step, ...]:
    return tuple(choice.step for choice in plan.choices[:-1])
