"""Who takes what: each finding, and each artifact, goes to the first rule that matches it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lazaretto.model import Address, ArtifactSummary, Envelope, Finding, Kind, Severity
from lazaretto.policy.document import Document, Rule
from lazaretto.policy.match import (
    artifact_matches,
    concerns_message,
    concerns_recipient,
    finding_matches,
    in_force,
)

POLICY = "policy"  # source of the findings that stand for artifacts a rule names by themselves


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule that applies, and the findings it has taken (none: it is for every message)."""

    rule: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Recipients for whom the same rules apply, with what each rule has taken, in the order of the rules."""

    recipients: list[Address]
    claims: tuple[Claim, ...]


def groups(
    document: Document, envelope: Envelope, findings: Sequence[Finding], artifacts: Sequence[ArtifactSummary]
) -> tuple[Group, ...]:
    """Every recipient in exactly one group, in the order of the envelope."""
    live = [
        rule for rule in document.rules
        if concerns_message(rule.who, envelope) and in_force(rule.when, envelope.received_at)
    ]  # fmt: skip
    matched = _matched(live, findings, artifacts)
    live = [rule for rule in live if rule.what is None or matched[rule.id]]
    rules = {rule.id: rule for rule in live}
    known: dict[tuple[str, ...], Group] = {}  # by the rules that concern a recipient
    together: dict[tuple[tuple[str, tuple[Finding, ...]], ...], Group] = {}  # by what these rules take
    people: Iterable[Address | None] = envelope.recipients or (None,)
    for recipient in people:
        mine = tuple(rule.id for rule in live if concerns_recipient(rule.who, document.groups, envelope, recipient))
        if mine not in known:
            claims = _claims([rules[name] for name in mine], matched)
            alike = tuple((claim.rule.id, claim.findings) for claim in claims)
            known[mine] = together.setdefault(alike, Group([], claims))
        known[mine].recipients.extend([recipient] if recipient else [])
    return tuple(together.values())


def united(document: Document, parts: Sequence[Group]) -> Group:
    """One group for a door that cannot treat recipients differently: whatever applies to one applies to all."""
    found: dict[str, dict[Finding, None]] = {}
    for part in parts:
        for claim in part.claims:
            found.setdefault(claim.rule.id, {}).update(dict.fromkeys(claim.findings))
    claims = tuple(Claim(rule, tuple(found[rule.id])) for rule in document.rules if rule.id in found)
    return Group([recipient for part in parts for recipient in part.recipients], claims)


def _matched(
    rules: Sequence[Rule], findings: Sequence[Finding], artifacts: Sequence[ArtifactSummary]
) -> Mapping[str, tuple[Finding, ...]]:
    """For each rule all it could take.  An artifact that a rule names by itself is put as a CONTENT finding."""
    by_path = {artifact.path: artifact for artifact in artifacts}
    matched = {}
    for rule in rules:
        what = rule.what
        if what is None:
            continue
        if what.about_findings:
            hits = [each for each in findings if finding_matches(what, each, by_path.get(each.artifact or ""))]
        else:
            hits = [_named(rule, each) for each in artifacts if artifact_matches(what, each)]
        matched[rule.id] = tuple(dict.fromkeys(hits))
    return matched


def _named(rule: Rule, artifact: ArtifactSummary) -> Finding:
    evidence = (f"type {artifact.type}", f"{artifact.size} bytes")
    return Finding(POLICY, rule.id, Kind.CONTENT, Severity.LOW, artifact.path, evidence)


def _claims(rules: Sequence[Rule], matched: Mapping[str, tuple[Finding, ...]]) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    taken: set[Finding | str | None] = set()
    for rule in rules:
        if rule.what is None:
            claims.append(Claim(rule, ()))
            continue
        mine = tuple(each for each in matched[rule.id] if _key(each) not in taken)
        if mine:
            taken.update(map(_key, mine))
            claims.append(Claim(rule, mine))
    return tuple(claims)


def _key(finding: Finding) -> Finding | str | None:
    """What can be taken once: a finding, or an artifact that a rule names by itself."""
    return finding.artifact if finding.source == POLICY else finding
