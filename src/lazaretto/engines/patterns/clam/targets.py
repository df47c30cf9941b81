"""Targets of ClamAV signatures: the true types that each number stands for, and the content that is compared.

Source: ClamAV documentation, "File Types", "Target types".
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from lazaretto.filetypes.catalogue import TEXTS

TYPES: dict[int, tuple[str, ...]] = {
    0: ("*",),
    1: ("application/vnd.microsoft.portable-executable", "application/x-dosexec"),
    2: (
        *("application/x-ole-storage", "application/msword", "application/vnd.ms-*", "application/x-msi"),
        *("application/x-mspublisher", "application/vnd.visio", "application/x-hwp", "application/vnd.stardivision.*"),
    ),
    3: ("text/html", "application/hta"),
    4: ("message/rfc822",),
    5: ("image/*",),
    6: ("application/x-elf", "application/x-executable"),
    7: ("text/*", *sorted(TEXTS)),  # but no HTML
    9: ("application/x-mach-binary", "application/x-mach-o"),
    10: ("application/pdf",),
    11: ("application/x-shockwave-flash", "application/vnd.adobe.flash.movie"),
    12: ("application/java-vm", "application/x-java-applet"),
}
GENERIC, HTML, TEXT = 0, 3, 7
STREAM = -1  # among the targets of a view: ClamAV does not know its end, so nothing counts from there
_SPACES = b"\t\n\v\f\r "
_DROPPED = bytes(byte for byte in range(256) if (byte < 0x20 or byte > 0x7E) and byte not in _SPACES)
_LOWER = bytes(range(256)).lower()
_TAG = re.compile(rb"<[^<>]*+>")
_AFTER_TAG = re.compile(rb"> ")
_REFERENCE = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")


@lru_cache(maxsize=1024)  # media types are few, and those of mail are hostile
def of(media_type: str) -> frozenset[int]:
    known = {number for number, types in TYPES.items() if any(fnmatchcase(media_type, pattern) for pattern in types)}
    return frozenset(known - {TEXT} if HTML in known else known)


def views(data: bytes, media_type: str) -> Iterator[tuple[bytes, frozenset[int]]]:
    """What signatures are compared with, and those of which targets.  As ClamAV does it: text as it is and
    normalised, HTML only normalised, with its tags and without."""
    known = of(media_type)
    if HTML in known:
        page = _page(data)
        yield page, frozenset({GENERIC, HTML})
        yield _plain(_TAG.sub(b" ", page)), frozenset({GENERIC, HTML})
    elif TEXT in known:
        yield data, known - {TEXT}
        yield _plain(data), frozenset({GENERIC, TEXT, STREAM})
    else:
        yield data, known


def _plain(data: bytes) -> bytes:
    """Lower case, one space for any run of blanks, nothing but printable ASCII."""
    text = b" ".join(data.translate(_LOWER, _DROPPED).split())
    return b" " * (data[:1] in _EDGES) + text + b" " * (data[-1:] in _EDGES)


_EDGES = frozenset(_SPACES[at : at + 1] for at in range(len(_SPACES)))


def _page(data: bytes) -> bytes:
    """Without comments, references resolved.  Scripts are not rewritten, which ClamAV does in part."""
    kept, at = [], 0
    while (start := data.find(b"<!--", at)) >= 0:
        kept.append(data[at:start])
        end = data.find(b"-->", start + 4)
        at = len(data) if end < 0 else end + 3
    kept.append(data[at:])
    text = _REFERENCE.sub(_resolved, b"".join(kept))
    return _AFTER_TAG.sub(b">", _plain(text))


def _resolved(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode("ascii")).encode("latin-1", "ignore")
