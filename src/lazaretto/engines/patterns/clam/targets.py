"""Targets of ClamAV signatures: the true types that each number stands for, and the content that is compared.

Source: ClamAV documentation, "File Types", "Target types".
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
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
_LOWER = bytes(range(256)).lower().translate(bytes.maketrans(_SPACES, b" " * len(_SPACES)))
_PIECE = 1 << 18  # bytes
_TAG = re.compile(rb"<[^<>]*+>")
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
        yield _plain(_replaced(_TAG, b"<", b" ", page)), frozenset({GENERIC, HTML})
    elif TEXT in known:
        yield data, known - {TEXT}
        yield _plain(data), frozenset({GENERIC, TEXT, STREAM})
    else:
        yield data, known


def _plain(data: bytes) -> bytes:
    """Lower case, one space for any run of blanks, nothing but printable ASCII."""
    text = data.translate(_LOWER, _DROPPED)
    while b"  " in text:  # no list of words, which takes thirty times the memory
        text = text.replace(b"  ", b" ")
    return text


def _page(data: bytes) -> bytes:
    """Without comments, references resolved.  Scripts are not rewritten, which ClamAV does in part."""
    kept, at = [], 0
    while (start := data.find(b"<!--", at)) >= 0:
        kept.append(data[at:start])
        end = data.find(b"-->", start + 4)
        at = len(data) if end < 0 else end + 3
    kept.append(data[at:])
    return _plain(_replaced(_REFERENCE, b"&", _resolve, b"".join(kept))).replace(b"> ", b">")


def _replaced(
    pattern: re.Pattern[bytes], first: bytes, by: bytes | Callable[[re.Match[bytes]], bytes], data: bytes
) -> bytes:
    """Piece by piece, for ``sub`` keeps an object for each match.  ``first``: the byte that a match begins with and has
    nowhere else, so that none is cut."""
    done, at = [], 0
    while at < len(data):
        end = data.find(first, at + _PIECE)
        end = len(data) if end < 0 else end
        done.append(pattern.sub(by, data[at:end]))
        at = end
    return b"".join(done)


def _resolve(found: re.Match[bytes]) -> bytes:
    return _resolved(found[0])


@lru_cache(maxsize=4096)  # most pages have few, and hostile ones millions
def _resolved(reference: bytes) -> bytes:
    return html.unescape(reference.decode("ascii")).encode("latin-1", "ignore")
