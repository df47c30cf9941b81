"""Targets of ClamAV signatures: the true types that each number stands for, and the content that is compared.

Source: ClamAV documentation, "File Types", "Target types".
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

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
    7: ("text/*", *sorted(TEXTS)),
    9: ("application/x-mach-binary", "application/x-mach-o"),
    10: ("application/pdf",),
    11: ("application/x-shockwave-flash", "application/vnd.adobe.flash.movie"),
    12: ("application/java-vm", "application/x-java-applet"),
}
NORMALISED = (3, 7)
_BLANK = re.compile(rb"[\x00-\x20]+")


def of(media_type: str) -> frozenset[int]:
    return frozenset(
        number for number, types in TYPES.items() if any(fnmatchcase(media_type, pattern) for pattern in types)
    )


def normalised(data: bytes) -> bytes:
    """Lower case, one space for any run of blanks: what the documents of ClamAV say of HTML and text.  Comments,
    tags and character references stay as they are, so signatures that count on their removal do not match."""
    return _BLANK.sub(b" ", data.lower())
