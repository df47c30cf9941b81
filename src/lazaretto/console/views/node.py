"""The node itself: doors, workers, sandbox, patterns, and its own events."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from lazaretto.console.listing import Column, page
from lazaretto.console.models import NodeEvent
from lazaretto.console.site import page as framed

COLUMNS = (
    Column("at", "When", "at"),
    Column("kind", "What", "kind"),
    Column("item", "Item"),
    Column("actor", "By", "actor"),
    Column("note", "Note"),
)


def index(request: HttpRequest) -> HttpResponse:
    found = page(NodeEvent.objects.defer("body"), COLUMNS, request.GET)
    template = "node/live.html" if "fragment" in request.GET else "node/index.html"
    return framed(request, template, "Node", page=found)
