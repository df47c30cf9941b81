"""The console's own database: what the journal told, in a shape that pages can search and sort.

Nothing here is the truth: the node's journal and vault are.  The database can be deleted; the follower fills it
again from what the journal still holds.
"""

from __future__ import annotations

import zlib

import msgspec
from django.db import models

from lazaretto.model import Event, EventKind, ItemState, Reply, Status

ID = 26  # characters of a ULID


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in kind]  # type: ignore[attr-defined]  # enums only


class Message(models.Model):
    """One judged message: a MESSAGE event (200-205), the columns that lists need."""

    event_id = models.CharField(max_length=ID, unique=True)
    envelope_id = models.CharField(max_length=ID, db_index=True)
    at = models.DateTimeField(db_index=True)
    node = models.TextField()
    kind = models.PositiveSmallIntegerField()
    direction = models.CharField(max_length=16)
    door = models.CharField(max_length=64)
    sender = models.TextField()
    sender_name = models.TextField()
    recipients = models.JSONField()  # [[address, display name], ...]
    subject = models.TextField()
    message_id = models.TextField()
    size = models.BigIntegerField()
    status = models.CharField(max_length=16, choices=_choices(Status))
    category = models.CharField(max_length=16)  # the status, with spam told apart from other suspicion
    reply = models.CharField(max_length=16, choices=_choices(Reply))
    rule = models.TextField()
    sentence = models.TextField()
    threats = models.TextField()  # names, with ", " between
    seconds = models.FloatField(null=True)  # from the door's last byte to the reply
    haystack = models.TextField()  # what search looks in, see migration 0001 for its index

    class Meta:
        indexes = tuple(  # one for each column that is filtered or sorted by, in the order of listing.page
            models.Index(fields=[column, "at"], name=f"message_{column}")
            for column in ("status", "category", "kind", "reply", "sender", "subject", "size", "seconds")
        )

    def event(self) -> Event:
        """The whole event as the journal has it."""
        return msgspec.json.decode(self.detail.text(), type=Event)


class Detail(models.Model):
    """The whole event, apart from the columns so that lists need not read past it."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True)
    body = models.BinaryField()  # zlib of the JSON

    def text(self) -> bytes:
        return zlib.decompress(self.body)


class Item(models.Model):
    """Something held in the vault of a node."""

    item_id = models.CharField(max_length=ID, unique=True)
    at = models.DateTimeField(db_index=True)
    node = models.TextField()
    purpose = models.CharField(max_length=16)  # "quarantine" or "backup"
    state = models.CharField(max_length=16, choices=_choices(ItemState))
    envelope_id = models.CharField(max_length=ID, db_index=True)
    sender = models.TextField()
    sender_name = models.TextField()
    recipients = models.JSONField()
    recipient = models.TextField()  # the first one: what sorting by recipient means
    subject = models.TextField()
    name = models.TextField()  # file names of what was found, with ", " between
    size = models.BigIntegerField()
    kinds = models.TextField()
    reason = models.TextField()  # threat names, else the rule
    rule = models.TextField()
    sentence = models.TextField()
    changed_at = models.DateTimeField(null=True)
    changed_by = models.TextField(default="")
    resent_to = models.JSONField(default=list)
    haystack = models.TextField()

    class Meta:
        indexes = (models.Index(fields=["purpose", "state", "at"], name="item_waiting"),)

    @property
    def held(self) -> bool:
        return self.state in (ItemState.HELD, ItemState.FORWARDED)


class NodeEvent(models.Model):
    """Every other event: the node's own life, and what became of held items."""

    event_id = models.CharField(max_length=ID, unique=True)
    at = models.DateTimeField(db_index=True)
    node = models.TextField()
    kind = models.PositiveSmallIntegerField()
    item_id = models.CharField(max_length=ID, db_index=True, blank=True)
    actor = models.TextField()
    note = models.TextField()
    body = models.TextField()  # the event as JSON

    @property
    def word(self) -> str:
        try:
            return EventKind(self.kind).name.replace("_", " ").capitalize()
        except ValueError:  # written by a newer release
            return f"Event {self.kind}"


class Cursor(models.Model):
    """How far the journal was read: moves in the same transaction as what was read."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.BigIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)  # last answer of the node
    trouble = models.TextField(default="")  # why there is none


class Counter(models.Model):
    """How often something happened in one minute or hour; kept while events come in, so that charts never count."""

    family = models.CharField(max_length=16)  # "category", "reply", "latency", "threat", "sender"
    width = models.PositiveIntegerField()  # seconds: 60 or 3600
    at = models.BigIntegerField()  # start, Unix time
    name = models.TextField()
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["family", "width", "at", "name"], name="one_counter"),)


class LoginFailure(models.Model):
    """A refused login, remembered for as long as throttling needs it."""

    at = models.DateTimeField(db_index=True)
    ip = models.CharField(max_length=64)
    login = models.CharField(max_length=160)
