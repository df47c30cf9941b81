"""Sets of file hashes: plain lists, and ClamAV's ``.hdb`` and ``.hsb``.

A line is ``hash[:size[:name[:minimum level]]]`` (ClamAV: "Signatures based on file hashes"), the hash MD5, SHA-1
or SHA-256 in hex, the size a number or ``*``.  A plain list has the hash alone, or the hash, blanks and a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

ANY_SIZE = -1
_ALGORITHM: dict[int, Callable[[bytes], bytes]] = {
    16: lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    20: lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    32: lambda data: hashlib.sha256(data).digest(),
}
_HEX = re.compile(r"[0-9a-fA-F]+\Z")


@dataclass
class HashSet:
    """Digest to name and size, one table for each length of digest; only algorithms in use are computed."""

    tables: dict[int, dict[bytes, tuple[str, int]]] = field(default_factory=dict)
    sizes: dict[int, set[int]] = field(default_factory=dict)  # of each algorithm; ANY_SIZE when one entry has none

    def __len__(self) -> int:
        return sum(map(len, self.tables.values()))

    def add(self, digest: bytes, name: str, size: int) -> None:
        self.tables.setdefault(len(digest), {})[digest] = (name, size)
        self.sizes.setdefault(len(digest), set()).add(size)

    def match(self, data: bytes, sha256: str) -> Iterator[tuple[str, str]]:
        """Names of the entries that are this content, with the hash as evidence.  MD5 and SHA-1 are computed
        only when an entry of that size exists."""
        for length, table in self.tables.items():
            wanted = self.sizes[length]
            if len(data) not in wanted and ANY_SIZE not in wanted:
                continue
            digest = bytes.fromhex(sha256) if length == 32 else _ALGORITHM[length](data)
            if (found := table.get(digest)) and found[1] in (ANY_SIZE, len(data)):
                yield found[0], digest.hex()


def read(lines: Iterable[str], into: HashSet, fallback: str) -> list[tuple[int, str]]:
    """Adds every line to the set; gives number and reason of those that could not be read.  ``fallback`` names
    entries without a name."""
    refused = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        fields = text.split(":") if ":" in text else text.split(None, 1)
        digest, size, name = fields[0], "*", fallback
        if ":" in text:
            size = fields[1] if len(fields) > 1 and fields[1] else "*"
            name = fields[2] if len(fields) > 2 and fields[2] else fallback
        elif len(fields) > 1:
            name = fields[1].strip("* ")
        if not _HEX.match(digest) or len(digest) // 2 not in _ALGORITHM or len(digest) % 2:
            refused.append((number, f"{digest[:20]!r} is no MD5, SHA-1 or SHA-256 in hex"))
        elif size != "*" and not size.isdigit():
            refused.append((number, f"{size[:20]!r} is no size"))
        else:
            into.add(bytes.fromhex(digest), name, ANY_SIZE if size == "*" else int(size))
    return refused
