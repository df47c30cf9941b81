"""The first page: what comes in, what is found, how long it takes, how the node is."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from lazaretto.console import charts
from lazaretto.console.filters import ItemFilter
from lazaretto.console.site import page
from lazaretto.console.visible import visible

_PARTS = ("tiles", "health", "threats", "senders", "held")


def index(request: HttpRequest) -> HttpResponse:
    return page(request, "dashboard.html", "Dashboard", **_content(request))


def live(request: HttpRequest) -> HttpResponse:
    """What changes on the page: numbers for the charts, and the rest as it is to be shown."""
    content = {**admin.site.each_context(request), **_content(request)}
    parts = {name: render_to_string(f"console/dashboard/{name}.html", content, request) for name in _PARTS}
    parts["notice"] = render_to_string("console/notice.html", content, request)
    return JsonResponse({"charts": content["charts"], "parts": parts})


def _content(request: HttpRequest) -> dict[str, Any]:
    period = charts.PERIODS.get(request.GET.get("period", ""), charts.PERIODS["24h"])
    numbers = charts.series(period)
    threats, senders = numbers.pop("threats"), numbers.pop("senders")
    waiting = ItemFilter({}).rows()
    return {
        "period": period,
        "periods": charts.PERIODS.values(),
        "charts": numbers,
        "totals": numbers["totals"],
        "top_threats": _shares(threats),
        "top_senders": _shares(senders),
        "held_count": waiting.count(),
        "held_items": waiting.order_by("-at")[:6],
    }


def _shares(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the share of the longest bar, and the name fit for an attribute."""
    most = max((row["count"] for row in rows), default=1)
    return [{**row, "plain": visible(row["name"]), "share": round(100 * row["count"] / most)} for row in rows]
