"""Is it a MIME entity: a header that says what follows, then a body?  What S/MIME and PGP wrap usually is one."""

from __future__ import annotations

from lazaretto.mime import header

HEAD = 65_536  # bytes of the beginning that are looked at
_FIELDS = 1_000


def begins_entity(data: bytes) -> bool:
    """Whether the header, as our parser reads it, has a field that changes how the body is read (RFC 2045, 3)."""
    head = data[:HEAD]
    body, _ = header.split(head, 0, len(head))
    found = zip(header.scan(head, 0, body), range(_FIELDS), strict=False)
    return any(field.name.startswith("content-") or field.name == "mime-version" for field, _ in found)
