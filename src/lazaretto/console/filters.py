"""The forms above the lists: what can be asked for, and the query it makes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from lazaretto.console.charts import PERIODS
from lazaretto.console.listing import search
from lazaretto.console.models import Item, Message
from lazaretto.model import Direction, ItemState, Reply

_ANY = ("", "any")


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[_ANY, *choices])


def _words(*words: str) -> list[tuple[str, str]]:
    return [(word, word.capitalize()) for word in words]


class _When(forms.Form):
    """The fields that both lists have."""

    q = forms.CharField(label="Search", required=False, max_length=300)
    period = _choice("Period", [(period.key, f"last {period.title}") for period in PERIODS.values()])
    since = forms.DateTimeField(label="From", required=False)
    until = forms.DateTimeField(label="Until", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            self.fields[name].input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

    def value(self, name: str) -> Any:
        """What was asked for; a field with an error asks for nothing (the form shows the error)."""
        self.is_valid()
        return self.cleaned_data.get(name)

    def timed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if period := PERIODS.get(self.value("period") or ""):
            rows = rows.filter(at__gte=timezone.now() - timedelta(seconds=period.length))
        if since := self.value("since"):
            rows = rows.filter(at__gte=since)
        if until := self.value("until"):
            rows = rows.filter(at__lt=until)
        return rows

    @property
    def active(self) -> bool:
        """Something is asked for, so that an empty list is no surprise."""
        return any(self.value(name) for name in self.fields)


class MessageFilter(_When):
    category = _choice("Result", _words("clean", "infected", "suspicious", "spam", "unscannable"))
    kind = _choice(
        "What happened",
        [
            ("200", "Delivered"),
            ("201", "Delivered, changed"),
            ("202", "In quarantine"),
            ("203", "Rejected"),
            ("204", "Deferred"),
            ("205", "Purged"),
        ],
    )
    reply = _choice("Reply", _words(*(reply.value for reply in Reply)))
    direction = _choice("Direction", _words(*(direction.value for direction in Direction)))
    door = forms.CharField(label="Door", required=False, max_length=64)

    def rows(self) -> QuerySet[Message]:
        rows = self.timed(Message.objects.defer("haystack", "sentence"))
        for name in ("category", "kind", "reply", "direction", "door"):
            if value := self.value(name):
                rows = rows.filter(**{name: value})
        return search(rows, Message, self.value("q") or "")


class ItemFilter(_When):
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "waiting"), ("any", "any"), *_words(*(state.value for state in ItemState))],
    )
    purpose = forms.ChoiceField(
        label="Kept as", required=False, choices=[("", "quarantine"), ("backup", "backup"), ("any", "any")]
    )
    resent = _choice("Resent", [("yes", "yes"), ("no", "no")])

    def rows(self) -> QuerySet[Item]:
        rows = self.timed(Item.objects.defer("haystack"))
        state, purpose, resent = (self.value(name) for name in ("state", "purpose", "resent"))
        if state != "any":
            rows = rows.filter(state__in=[state] if state else [ItemState.HELD.value, ItemState.FORWARDED.value])
        if purpose != "any":
            rows = rows.filter(purpose=purpose or "quarantine")
        if resent:
            rows = rows.exclude(resent_to=[]) if resent == "yes" else rows.filter(resent_to=[])
        return search(rows, Item, self.value("q") or "")
