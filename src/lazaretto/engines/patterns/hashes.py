"""Sets of file hashes: plain lists, and ClamAV's ``.hdb .hsb .fp .sfp`` (whole files) and ``.mdb .msb`` (sections).

A line is ``hash[:size[:name[:minimum level]]]`` (ClamAV: "Signatures based on file hashes"), the hash MD5, SHA-1
or SHA-256 in hex, the size a number or ``*``; of sections the size comes first.  A plain list has the hash alone, or
the hash, blanks and a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lazaretto.engines.patterns.clam.ignored import Ignored
from lazaretto.engines.patterns.digests import ANY_SIZE, Digests

TOLD = 100  # refused lines of one file that are kept with their reason
MORE = (0, "as those before")  # one object for all others, for a file of millions may be in no format at all

_ALGORITHM: dict[int, Callable[[bytes], bytes]] = {
    16: lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    20: lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    32: lambda data: hashlib.sha256(data).digest(),
}


@dataclass
class HashSet:
    """One table for each length of digest; only algorithms in use are computed."""

    tables: dict[int, Digests] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.tables.values()))

    def table(self, length: int) -> Digests:
        return self.tables.setdefault(length, Digests())

    def seal(self) -> None:
        """To be called once, after the last entry and before the first question."""
        for table in self.tables.values():
            table.seal()

    def match(self, data: bytes, sha256: str = "") -> Iterator[tuple[str, str]]:
        """Names of the entries that are this content, with the hash as evidence.  A digest is computed only when
        an entry of that size exists."""
        for length, table in self.tables.items():
            if not table.wants(len(data)):
                continue
            digest = bytes.fromhex(sha256) if length == 32 and sha256 else _ALGORITHM[length](data)
            for name in table.find(digest, len(data)):
                yield name, digest.hex()


def read(
    lines: Iterable[str],
    into: HashSet,
    fallback: str,
    sections: bool = False,
    ignored: Ignored | None = None,
) -> list[tuple[int, str]]:
    """Adds every line to the set; gives number and reason of those that could not be read.  ``fallback`` names
    entries without a name; those that are ``ignored`` by name and line are left out."""
    refused: list[tuple[int, str]] = []
    tables, names = into.tables, ignored.names if ignored else {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text[0] == "#":
            continue
        try:
            digest, size, name = _entry(text, fallback, sections)
            if not (names and ignored and ignored(name, text)):
                (tables.get(len(digest)) or into.table(len(digest))).add(digest, name, size)
        except ValueError as error:
            refused.append((number, str(error)) if len(refused) < TOLD else MORE)
    return refused


def _entry(text: str, fallback: str, sections: bool) -> tuple[bytes, int, str]:
    size, name = "*", fallback
    if ":" in text:
        fields = text.split(":")
        if sections:
            fields[:2] = fields[1::-1]
        digest = fields[0]
        size = (fields[1] if len(fields) > 1 else "") or "*"
        name = (fields[2] if len(fields) > 2 else "") or fallback
    else:
        digest, *rest = text.split(None, 1)
        name = rest[0].strip("* ") if rest else fallback
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        raw = b""
    if len(raw) not in _ALGORITHM or len(digest) != 2 * len(raw):
        raise ValueError(f"{digest[:20]!r} is no MD5, SHA-1 or SHA-256 in hex")
    if size == "*":
        return raw, ANY_SIZE, name
    if not (size.isascii() and size.isdigit() and len(size) < 11):
        raise ValueError(f"{size[:20]!r} is no size")
    return raw, int(size), name
