"""The page that smuggles: a link that hands out a file, and the mail that carries the page."""

from __future__ import annotations

from base64 import b64encode

from tests.ambiguity.build import attachment, enclosed
from tests.ambiguity.payload import COM, ZIP

KIND = "html-smuggling"
BROWSER = "Chrome, Edge and Firefox save what the link of the opened attachment holds"
COM64, ZIP64 = b64encode(COM.data), b64encode(ZIP.data)


def page(body: bytes) -> bytes:
    return b"<!DOCTYPE html>\r\n<html><head><title>Papers</title></head><body>\r\n" + body + b"\r\n</body></html>\r\n"


def attached(data: bytes, name: str = "papers.html", type: str = "text/html") -> bytes:
    return enclosed(attachment(data, name, type=type))


def link(url: bytes, name: bytes = b"") -> bytes:
    """Without a ``name`` the browser makes one that fits the type of the data."""
    return b'<a download="' + name + b'" href="' + url + b'">Open your papers</a>'
