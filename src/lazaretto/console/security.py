"""Headers on every answer, and the reader's own time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Answer = Callable[[HttpRequest], HttpResponse]

# The frame (Alpine) evaluates expressions of its own templates: 'unsafe-eval'.  It writes style elements and
# attributes: 'unsafe-inline' for styles only.  No script from a page's text can run, nothing leaves for another host.
PAGE = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; object-src 'none'"
)
# Held mail: no script at all, no image, no form, no link target, an origin of its own.
PREVIEW = "default-src 'none'; style-src 'self'; sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
DOWNLOAD = "default-src 'none'; sandbox; frame-ancestors 'none'"


class Headers:
    """The strict policy for whatever page does not bring its own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", PAGE)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")  # pages show people's mail
        return response


class LocalTime:
    """Times are shown and read in the time zone of the browser, which console.js writes into a cookie."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(zone(unquote(request.COOKIES.get("lazaretto_zone", "")))):
            return self.get_response(request)


def zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of that name; None (the server's default, UTC) for what is none."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):  # OSError: a name that is a folder
        return None
