"""What the answer to RESPMOD or REQMOD says about the file in it.

RFC 3507 knows only "unchanged" and "this in its place".  The names of threats stand in fields that vendors have agreed
upon by and by: X-Infection-Found and X-Violations-Found (draft-stecher-icap-subid-00, 3.2 and 3.3), X-Virus-ID,
X-Virus-Name, X-Blocked-Reason (Symantec, Sophos, McAfee, Kaspersky).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.reply import OK, UNMODIFIED, Reply

MOST = 20  # threats of one answer that are told
_LONGEST = 200
_PLAIN = ("x-virus-id", "x-virus-name", "x-blocked-reason")
_LINES = 4  # of each violation: file, threat, id, resolution
_PAIR = re.compile(r"\s*(\w{1,20})\s*=\s*([^;\n]{0,300})")


class Type(StrEnum):
    """Of X-Infection-Found: draft-stecher-icap-subid-00, 3.2."""

    VIRUS = "0"
    POLICY = "1"  # against the rules of whoever runs the service: a forbidden file name
    CONTAINER = "2"  # not looked at to the end: an archive too deep, locked, damaged


@dataclass(frozen=True, slots=True)
class Threat:
    name: str
    type: Type = Type.VIRUS


@dataclass(frozen=True, slots=True)
class Answer:
    """``threats`` by the fields; ``replaced``: something else came in the file's place."""

    threats: tuple[Threat, ...] = ()
    replaced: str = ""

    @property
    def clean(self) -> bool:
        return not self.threats and not self.replaced


def read(reply: Reply, size: int, sha256: str) -> Answer:
    """``size`` and ``sha256``: of what was sent.  Raises ProtocolError for what is no answer about a file."""
    if reply.status not in (OK, UNMODIFIED):
        raise ProtocolError(f"{reply.head.start[:100]}")
    threats = tuple(_threats(reply))[:MOST]
    if reply.status == UNMODIFIED:
        return Answer(threats)
    if reply.http is None:
        raise ProtocolError("status 200 with nothing in it")
    unchanged = reply.http_status in (0, 200) and (reply.size, reply.sha256) == (size, sha256)
    return Answer(threats, "" if unchanged else reply.http.start[:_LONGEST])


def _threats(reply: Reply) -> list[Threat]:
    found: dict[str, Threat] = {}
    for value in reply.head.all("x-infection-found"):
        pairs = {name.lower(): text.strip() for name, text in _PAIR.findall(value)}
        kind = Type(pairs["type"]) if pairs.get("type") in set(Type) else Type.VIRUS
        name = pairs.get("threat", "")[:_LONGEST] or "unnamed"
        found.setdefault(name, Threat(name, kind))
    for value in reply.head.all("x-violations-found"):
        count, *lines = value.split("\n")
        for name in lines[1::_LINES][:MOST]:
            found.setdefault(name[:_LONGEST] or "unnamed", Threat(name[:_LONGEST] or "unnamed"))
        if not lines and count.strip() not in ("", "0"):
            found.setdefault("unnamed", Threat("unnamed"))
    for field in _PLAIN:
        for value in reply.head.all(field):
            name = value[:_LONGEST].strip('"')
            if name and name.lower() not in ("none", "no", "clean", "0"):
                found.setdefault(name, Threat(name))
    return list(found.values())
