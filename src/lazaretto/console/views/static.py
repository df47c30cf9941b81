"""Style sheets, scripts and fonts, straight from the installed packages: nothing to collect, nothing to go stale."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # the address holds the version (settings.STATIC_URL)
    "Cross-Origin-Resource-Policy": "cross-origin",  # the preview's sandbox has an origin of its own
}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def serve(request: HttpRequest, name: str) -> HttpResponse:
    """A file of an installed application; ``finders`` lets no path out of their static folders."""
    try:
        found = finders.find(name)
        if not isinstance(found, str) or not Path(found).is_file():
            raise Http404(f"no static file {name}")
    except (SuspiciousFileOperation, ValueError) as error:  # ValueError: NUL in a path
        raise Http404(f"no static file {name}") from error
    kind = _TYPES.get(Path(found).suffix) or mimetypes.guess_type(found)[0] or "application/octet-stream"
    return HttpResponse(Path(found).read_bytes(), content_type=kind, headers=_HEADERS)
