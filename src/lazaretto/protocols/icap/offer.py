"""The answer to OPTIONS (RFC 3507, 4.10.2): what a service can do."""

from __future__ import annotations

from dataclasses import dataclass

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.head import unsigned
from lazaretto.protocols.icap.reply import OK, Reply
from lazaretto.protocols.icap.request import Method

MOST_PREVIEW = 64 * 1024  # bytes; servers ask for 1024 or 4096
LONGEST_TTL = 3600  # seconds
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Offer:
    methods: frozenset[str]
    preview: int | None  # bytes it wants to see first; None: no preview
    allow_204: bool
    istag: str  # changes with what it knows (RFC 3507, 4.7)
    service: str
    max_connections: int | None
    ttl: int  # seconds that this holds


def read(reply: Reply) -> Offer:
    """Raises ProtocolError."""
    if reply.status != OK:
        raise ProtocolError(f"OPTIONS: {reply.head.start[:_SHOWN]}")
    head = reply.head
    methods = frozenset(each.strip().upper() for each in ",".join(head.all("methods")).split(","))
    if methods.isdisjoint(Method):
        raise ProtocolError("OPTIONS: it offers neither RESPMOD nor REQMOD")
    preview = head.get("preview")
    connections = head.get("max-connections")
    ttl = head.get("options-ttl")
    return Offer(
        methods,
        min(unsigned(preview), MOST_PREVIEW) if preview else None,
        "204" in [each.strip() for each in ",".join(head.all("allow")).split(",")],
        head.get("istag").strip('"')[:_SHOWN],
        head.get("service")[:_SHOWN],
        max(1, unsigned(connections)) if connections else None,
        min(unsigned(ttl), LONGEST_TTL) if ttl else LONGEST_TTL,
    )
