"""From an event to rows of the console's database: pure, nothing is written here."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import msgspec

from lazaretto.console.models import Detail, Item, Message, NodeEvent
from lazaretto.model import Address, Event, EventKind, Finding, ItemState, Kind, Properties, Severity, Status, Verdict
from lazaretto.model import Item as Held

MESSAGE_KINDS = frozenset(kind for kind in EventKind if 200 <= kind <= 205)
STATES = {
    EventKind.ITEM_RELEASED: ItemState.RELEASED,
    EventKind.ITEM_FORWARDED: ItemState.FORWARDED,
    EventKind.ITEM_DELETED: ItemState.DELETED,
    EventKind.ITEM_EXPIRED: ItemState.EXPIRED,
}
_UNWANTED = frozenset({Kind.SPAM, Kind.CONTENT})
_HAYSTACK = 8000  # characters of a message that search looks in
_SHOWN = 100  # recipients kept in columns; the event has them all


def message(event: Event) -> Message:
    """The row of a MESSAGE event."""
    envelope, properties = event.envelope, event.properties or Properties()
    if envelope is None:
        raise ValueError(f"event {event.id} of kind {event.kind} has no envelope")
    verdict = _telling(event)
    recipients = _pairs(envelope.recipients or properties.recipients)
    names = threats(event.findings)
    return Message(
        event_id=event.id,
        envelope_id=envelope.id,
        at=event.at,
        node=event.node,
        kind=int(event.kind),
        direction=envelope.direction.value,
        door=envelope.door,
        sender=envelope.sender.address,
        sender_name=_sender_name(envelope.sender, properties.sender),
        recipients=recipients,
        subject=properties.subject,
        message_id=properties.message_id,
        size=properties.size,
        status=(event.status or Status.CLEAN).value,
        category=category(event),
        reply=event.reply.value if event.reply else "",
        rule=verdict.rule if verdict else "",
        sentence=verdict.sentence if verdict else "",
        threats=", ".join(names),
        seconds=total(event),
        haystack=_haystack(
            envelope.id,
            envelope.queue_id,
            envelope.peer.ip,
            *_address_words(envelope.sender, properties.sender, *envelope.recipients, *properties.recipients),
            properties.subject,
            properties.message_id,
            *names,
            *(name for artifact in event.artifacts for name in artifact.names),
        ),
    )


def detail(row: Message, event: Event) -> Detail:
    return Detail(message=row, body=zlib.compress(msgspec.json.encode(event), 3))


def node_event(event: Event) -> NodeEvent:
    return NodeEvent(
        event_id=event.id,
        at=event.at,
        node=event.node,
        kind=int(event.kind),
        item_id=event.item,
        actor=event.actor,
        note=event.note,
        body=msgspec.json.encode(event).decode(),
    )


def item_ids(event: Event) -> list[str]:
    """The vault items that came of a message."""
    return list(dict.fromkeys(outcome.item for outcome in event.outcomes if outcome.item))


def item(event: Event, item_id: str) -> Held:
    """What the event alone says about an item, for when the vault cannot be asked (any more)."""
    if event.envelope is None:
        raise ValueError(f"event {event.id} holds an item but has no envelope")
    outcome = next(outcome for outcome in event.outcomes if outcome.item == item_id)
    takers = [each for each in event.verdicts if any(step.action == outcome.action for step in each.steps)]
    verdict = takers[0] if takers else _telling(event)
    properties = event.properties or Properties()
    return Held(
        id=item_id,
        at=event.at,
        purpose="backup" if outcome.action == "backup" else "quarantine",
        state=ItemState.HELD,
        envelope=event.envelope,
        properties=properties,
        findings=verdict.findings if verdict else event.findings,
        rule=verdict.rule if verdict else "",
        sentence=verdict.sentence if verdict else "",
        size=properties.size,
        sha256="",
        recipients=verdict.recipients if verdict else event.envelope.recipients,
        artifact=outcome.artifact,
        artifacts=event.artifacts,
    )


def item_row(held: Held, node: str) -> Item:
    """The row of an item as the vault describes it."""
    names = item_names(held)
    found = threats(held.findings)
    recipients = _pairs(held.recipients)
    return Item(
        item_id=held.id,
        at=held.at,
        node=node,
        purpose=held.purpose,
        state=held.state.value,
        envelope_id=held.envelope.id,
        sender=held.envelope.sender.address,
        sender_name=_sender_name(held.envelope.sender, held.properties.sender),
        recipients=recipients,
        recipient=recipients[0][0] if recipients else "",
        subject=held.properties.subject,
        name=", ".join(names),
        size=held.size,
        kinds=", ".join(dict.fromkeys(finding.kind.value for finding in held.findings)),
        reason=", ".join(found) or held.rule,
        rule=held.rule,
        sentence=held.sentence,
        changed_at=held.changed_at,
        changed_by=held.changed_by,
        resent_to=list(held.resent_to),
        haystack=_haystack(
            held.id,
            *_address_words(held.envelope.sender, held.properties.sender, *held.recipients),
            held.properties.subject,
            held.properties.message_id,
            *names,
            *found,
            held.rule,
        ),
    )


def item_names(held: Held) -> list[str]:
    """File names of the artifacts that were found fault with; all attachments when the whole message was."""
    by_path = {artifact.path: artifact for artifact in held.artifacts}
    paths = [finding.artifact for finding in held.findings if finding.artifact]
    hit = [by_path[path] for path in ([held.artifact] if held.artifact else paths) if path in by_path]
    return list(dict.fromkeys(artifact.names[0] for artifact in hit or held.artifacts if artifact.names))[:20]


def category(event: Event) -> str:
    """The status, except that what is only unwanted (spam, rules of the house) is "spam" and not "suspicious"."""
    found = event.status or Status.CLEAN
    if found is not Status.SUSPICIOUS:
        return found.value
    loud = [finding for finding in event.findings if finding.severity > Severity.INFORMATIONAL]
    return "spam" if loud and all(finding.kind in _UNWANTED for finding in loud) else found.value


def threats(findings: Iterable[Finding]) -> list[str]:
    """Names of what was found, worst first, each once."""
    loud = [finding for finding in findings if finding.severity > Severity.INFORMATIONAL]
    return list(dict.fromkeys(each.name for each in sorted(loud, key=lambda finding: -finding.severity)))


def total(event: Event) -> float | None:
    """Seconds that the message took, None when the event does not say."""
    if not event.timings:
        return None
    return event.timings.get("total", sum(event.timings.values()))


def _telling(event: Event) -> Verdict | None:
    """The verdict that explains the event: the one about the most findings, the first of equals."""
    return max(event.verdicts, key=lambda verdict: len(verdict.findings), default=None)


def _sender_name(sender: Address, header: Address) -> str:
    """What stands above the envelope's address.  A display name belongs to the address it came with: where the
    header names another one, that is shown too, or the name would vouch for an address it never had."""
    if sender.name or not header.address or header.address.lower() == sender.address.lower():
        return sender.name or header.name
    return str(header)


def _pairs(addresses: Iterable[Address]) -> list[list[str]]:
    return [[each.address, each.name] for each in addresses][:_SHOWN]


def _address_words(*addresses: Address) -> list[str]:
    return list(dict.fromkeys(word for each in addresses for word in (each.address, each.name) if word))


def _haystack(*words: str) -> str:
    text = " ".join(filter(None, words))[:_HAYSTACK]
    return "".join(character if character.isprintable() else " " for character in text)
