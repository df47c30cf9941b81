"""The site: our pages and, for users and groups, the frame's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite

from lazaretto.console import control
from lazaretto.console.ingest import JOURNAL
from lazaretto.console.models import Cursor


class ConsoleSite(UnfoldAdminSite):
    site_title = site_header = index_title = "Lazaretto"
    enable_nav_sidebar = True
    login_template = "console/login.html"

    def extra_urls(self) -> list[URLPattern]:
        """Our pages; every one of them behind the login."""
        from lazaretto.console.views import dashboard, messages, node, quarantine

        view = self.admin_view
        return [
            path("live/", view(dashboard.live), name="live"),
            path("messages/", view(messages.index), name="messages"),
            path("messages/<str:envelope_id>/", view(messages.one), name="message"),
            path("quarantine/", view(quarantine.index), name="quarantine"),
            path("quarantine/act/", view(quarantine.act), name="quarantine-act"),
            path("quarantine/result/", view(quarantine.result), name="quarantine-result"),
            path("quarantine/<str:item_id>/", view(quarantine.one), name="item"),
            path("quarantine/<str:item_id>/preview/", view(quarantine.preview), name="item-preview"),
            path("quarantine/<str:item_id>/original/", view(quarantine.original), name="item-original"),
            path("node/", view(node.index), name="node"),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from lazaretto.console.views import dashboard

        return dashboard.index(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        if self.has_permission(request):
            view = control.watch().view()
            context |= {"node_status": view.status, "node_trouble": view.trouble, "journal": _journal()}
        return context


def _journal() -> Cursor:
    return Cursor.objects.filter(name=JOURNAL).first() or Cursor(name=JOURNAL)


def page(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """One of our pages in the frame."""
    from django.contrib import admin

    given = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"console/{template}", given)
