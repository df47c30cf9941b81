"""Search by words as people type them: every word must occur somewhere, whatever its case or accents.

The text goes into an FTS5 table with the trigram tokenizer (sqlite.org/fts5.html#the_trigram_tokenizer): parts of
words are found too ("smith" in jsmith@example.org), and scripts without spaces between words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lazaretto.model import ArtifactSummary, Envelope, Finding, Properties

TEXT = 8192  # characters of one row that are searched; a mail of 10 000 file names stops here
QUERY = 512  # characters of a query that count
SHORTEST = 3  # characters that the trigram index can look for


@dataclass(frozen=True, slots=True)
class Terms:
    """A query taken apart: ``match`` for FTS5 ("" for none), and words too short for it, to be sought in the text."""

    match: str
    short: tuple[str, ...]


def terms(query: str) -> Terms:
    words = fold(query[:QUERY]).split()
    quoted = ['"' + word.replace('"', '""') + '"' for word in words if len(word) >= SHORTEST]
    return Terms(" AND ".join(quoted), tuple(word for word in words if len(word) < SHORTEST))


def fold(text: str) -> str:
    """Without case, accents, and what SQLite cannot store."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text.encode("utf-8", "replace").decode())
        text = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return text.replace("\0", " ").casefold()


def searchable(
    envelope: Envelope | None,
    properties: Properties | None,
    findings: Iterable[Finding],
    artifacts: Iterable[ArtifactSummary],
) -> str:
    """All that a message is looked for by: addresses, subject, findings, file names, the names others gave it.
    Not our own random ids: they would be most of the index, and have calls of their own."""
    lines: list[str] = []
    if envelope:
        lines += [str(envelope.sender), *map(str, envelope.recipients), envelope.queue_id]
        lines += [envelope.peer.ip, envelope.peer.auth]
    if properties:
        lines += [properties.subject, str(properties.sender), properties.message_id]
        lines += map(str, properties.recipients)
    lines += (finding.name for finding in findings)
    lines += (name for artifact in artifacts for name in artifact.names)
    text = ""
    for line in dict.fromkeys(line for line in lines if line):
        text += line[:TEXT] + "\n"
        if len(text) > TEXT:
            break
    return fold(text[:TEXT])
