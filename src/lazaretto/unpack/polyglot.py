"""Files that two programs read as two things, both of them real: a picture with an archive behind it, a shortcut with
a page in it."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from lazaretto.filetypes.catalogue import TYPES, Family, types_in
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.unpack import signatures
from lazaretto.unpack.identify import identify

_HEAD = 64 * 1024  # bytes at both ends in which a page is looked for
_PAGE = re.compile(rb"<hta:application|<script[\s>]", re.IGNORECASE)
# Programs and shortcuts that open pages do not mind what stands in front (LNK and HTA are often one file).
_HOSTS = types_in(Family.PICTURE, Family.SHORTCUT, Family.MEDIA) - signatures.TEXTS
_RUNS = types_in(Family.PROGRAM, Family.SCRIPT, Family.INSTALLER)
# Every program is a mark of its own; an archive behind it is how self-extracting ones and installers are made.
_CARRIERS = types_in(Family.PROGRAM)
# Two readings of one thing, not two things.
_SAME = frozenset({signatures.OLE2, signatures.MAIL, signatures.PGP, signatures.CMS})


def finding(artifact: Artifact, kinds: Sequence[str]) -> Finding | None:
    """MEDIUM when one of the readings is run; ``kinds`` are the true type and what else its bytes are."""
    data, first = artifact.data, kinds[0]
    others = [kind for kind in kinds[1:] if kind not in _SAME] if first != signatures.OCTETS else []
    if signatures.ZIP in others:
        at = _start(data)
        others = [identify(data[at:]) if kind == signatures.ZIP and at else kind for kind in others]
    if first in _HOSTS and (_PAGE.search(data, 0, _HEAD) or _PAGE.search(data, max(_HEAD, len(data) - _HEAD))):
        others.append(signatures.HTA)
    if not others or first in _CARRIERS or not _matters(first):
        return None
    runs = any(kind in _RUNS for kind in others)
    severity = Severity.MEDIUM if runs else Severity.INFORMATIONAL
    evidence = (" and ".join((first, *others)),)
    return Finding("unpack", "type.polyglot", Kind.AMBIGUOUS, severity, artifact.path, evidence)


def _matters(kind: str) -> bool:
    """Armour in a text and a PDF behind some words are read as they are meant."""
    return kind in TYPES and TYPES[kind].family not in (Family.TEXT, Family.MAIL)


def _start(data: bytes) -> int:
    """Where the archive behind another file begins: its end record says how far before it (APPNOTE 4.3.16)."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 20 > len(data):
        return 0
    size, offset = struct.unpack_from("<II", data, end + 12)
    at = int(end - size - offset)
    return at if at > 0 and data[at : at + 2] == b"PK" else max(0, data.find(b"PK\x03\x04"))
