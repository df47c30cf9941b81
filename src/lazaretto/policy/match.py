"""Does a rule hold?  One question for each of its tables: who, when, what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lazaretto.model import Address, ArtifactSummary, Direction, Envelope, Finding
from lazaretto.policy.globs import Globs
from lazaretto.policy.schema import What, When, Who


def concerns_message(who: Who, envelope: Envelope) -> bool:
    """The part of ``who`` that is the same for all recipients."""
    return (
        (not who.direction or envelope.direction in who.direction)
        and (not who.door or who.door.match(envelope.door))
        and (not who.senders or matches(who.senders, envelope.sender))
    )


def concerns_recipient(who: Who, groups: Mapping[str, Globs], envelope: Envelope, recipient: Address | None) -> bool:
    """The rest of ``who``.  A message without recipients (a file in a store) concerns nobody in particular."""
    if who.recipients and not (recipient and matches(who.recipients, recipient)):
        return False
    person = envelope.sender if envelope.direction is Direction.OUTBOUND else recipient
    return not who.groups or (person is not None and any(matches(groups[name], person) for name in who.groups))


def matches(patterns: Globs, address: Address) -> bool:
    return patterns.match(address.address or "<>")


def in_force(when: When | None, at: datetime) -> bool:
    if when is None:
        return True
    local = at.astimezone(when.timezone)
    if (when.begins and local < when.begins) or (when.ends and local >= when.ends):
        return False
    day = local.weekday()
    if when.hours is not None:
        first, last = when.hours
        now = local.time()
        if first <= last:
            if not first <= now < last:
                return False
        elif now < last:
            day = (day - 1) % 7  # the hours after midnight belong to the day on which the window opened
        elif now < first:
            return False
    return not when.days or day in when.days


def finding_matches(what: What, finding: Finding, artifact: ArtifactSummary | None) -> bool:
    return (
        (not what.kind or finding.kind in what.kind)
        and finding.severity >= what.severity_at_least
        and finding.confidence >= what.confidence_at_least
        and (not what.source or what.source.match(finding.source))
        and (not what.name or what.name.match(finding.name))
        and artifact_matches(what, artifact)
    )


def artifact_matches(what: What, artifact: ArtifactSummary | None) -> bool:
    if not (what.artifact or what.type or what.size_over is not None):
        return True
    return (
        artifact is not None
        and (not what.artifact or any(map(what.artifact.match, artifact.names)))
        and (not what.type or what.type.match(artifact.type))
        and (what.size_over is None or artifact.size > what.size_over)
    )
