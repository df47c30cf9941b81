"""Where a document points to, and what opening it there would mean."""

from __future__ import annotations

import re
from enum import StrEnum

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]{1,30}):")


class Place(StrEnum):
    """Who is asked for it."""

    INSIDE = "inside"  # a part of the document
    LOCAL = "local"  # the reader's own disk
    SHARE = "share"  # a file server, which gets the reader's credentials
    REMOTE = "remote"  # a server of the Internet
    HANDLER = "handler"  # a program that answers for a scheme: mhtml:, script:, ms-msdt: ...


def place(target: str) -> Place:
    found = _SCHEME.match(target)
    scheme = found[1].lower() if found else ""
    if scheme in ("http", "https", "ftp", "ftps"):
        return Place.REMOTE
    if scheme == "file" or not scheme:
        if _is_share(target):
            return Place.SHARE
        return Place.LOCAL if scheme else Place.INSIDE
    if len(scheme) == 1:
        return Place.LOCAL
    return Place.HANDLER


def _is_share(target: str) -> bool:
    """A host behind two slashes of either kind: "\\\\host\\a", "//host/a", "file://host/a", "file:///\\\\host\\a"."""
    rest = target.strip()
    if rest[:5].lower() == "file:":
        rest = rest[5:].replace("\\", "/")
        slashes = len(rest) - len(rest.lstrip("/"))
        host = rest.lstrip("/").partition("/")[0].lower()
        return slashes in (2, 4, 5) and bool(host) and host != "localhost" and host[1:2] not in (":", "|")
    return rest[:2].replace("\\", "/") == "//" and bool(rest[2:].strip("\\/"))
