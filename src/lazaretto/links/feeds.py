"""Lists of known bad links and hosts from folders: millions of entries in one sorted buffer.

An entry is a number of 64 bits: 56 of the SHA-256 of what it is about, 8 that say which file it is from.  Among ten
million entries one lookup in seven thousand million meets a stranger.  The buffer is made before workers are forked,
which share it.
"""

from __future__ import annotations

import bisect
import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lazaretto.errors import ConfigError, Problem
from lazaretto.links import address, hosts
from lazaretto.links.address import Url
from lazaretto.links.lists import above

FILES = 255
_LINE = 16_384  # bytes; longer ones are refused
_SHOWN = 3
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_NULLS = frozenset({"0.0.0.0", "127.0.0.1", "::1", "::", "255.255.255.255", "fe80::1%lo0"})  # noqa: S104 - in hosts files
_LOCAL = frozenset({"localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "0.0.0.0"})  # noqa: S104


@dataclass
class Feed:
    """One file."""

    path: Path
    malware: bool  # below a folder called malware: what is found is no phishing but a threat
    entries: int = 0
    refused: int = 0
    examples: list[str] = field(default_factory=list)
    modified: float = 0.0

    @property
    def name(self) -> str:
        return self.path.stem

    def line(self, now: float) -> str:
        when = datetime.fromtimestamp(self.modified, UTC)
        days = int((now - self.modified) // 86400)
        text = f"{self.path}: {self.entries} links and hosts, of {when:%Y-%m-%d %H:%M} UTC ({days} days old)"
        if self.refused:
            text += f", {self.refused} refused ({'; '.join(self.examples)})"
        return text


@dataclass
class Table:
    feeds: list[Feed]
    numbers: array[int]
    version: str

    def match(self, url: Url) -> Iterator[tuple[Feed, str]]:
        """Every file that lists this link or its host, with the entry."""
        if not self.numbers:
            return
        for text in _keys(url):
            yield from self._find(text)

    def _find(self, text: str) -> Iterator[tuple[Feed, str]]:
        start = _number(hashlib.sha256(text.encode("utf-8", "replace")).digest(), 0)
        at = bisect.bisect_left(self.numbers, start)
        while at < len(self.numbers) and self.numbers[at] >> 8 == start >> 8:
            yield self.feeds[self.numbers[at] & 255], text.lstrip(".")
            at += 1


def _keys(url: Url) -> Iterator[str]:
    yield url.host
    yield from (f".{name}" for name in above(url.host)) if not url.is_ip else ()
    if url.path:
        yield url.key
        if url.query:
            yield url.key.partition("?")[0]


def _number(digest: bytes, feed: int) -> int:
    return int.from_bytes(digest[:7], "big") << 8 | feed


def load(folders: Iterable[Path]) -> Table:
    """Reads every list below the folders.  Lines that cannot be used are counted; a file or folder that cannot be read
    raises ConfigError."""
    found = [file for folder in folders for file in _files(folder)]
    if len(found) > FILES:
        raise ConfigError(Problem(found[0][0].parent, None, f"more than {FILES} lists of links", "join some of them"))
    # By their first byte: each bucket is sorted by itself, so that the whole never exists as Python's numbers.
    buckets = [bytearray() for _ in range(256)]
    feeds, digest = [], hashlib.sha256()
    for number, (file, malware) in enumerate(found):
        feed = Feed(file, malware)
        _read(feed, number, buckets, digest)
        feeds.append(feed)
    numbers = array("Q")
    for at, bucket in enumerate(buckets):
        part = array("Q", bytes(bucket))
        buckets[at] = bytearray()
        numbers.extend(sorted(set(part)))
    return Table(feeds, numbers, digest.hexdigest()[:12])


def _files(folder: Path) -> list[tuple[Path, bool]]:
    if not folder.is_dir():
        raise ConfigError(Problem(folder, None, "is no folder of link lists", "make it, or correct engines.urls.feeds"))
    paths = sorted(path for path in folder.rglob("*") if path.suffix in _READERS and path.is_file())
    return [(path, "malware" in path.relative_to(folder).parts[:-1]) for path in paths]


def _read(feed: Feed, number: int, buckets: list[bytearray], digest: hashlib._Hash) -> None:
    entry = _READERS[feed.path.suffix]
    try:
        feed.modified = feed.path.stat().st_mtime
        with feed.path.open("rb") as lines:
            while raw := lines.readline(_LINE):
                digest.update(raw)
                line = raw.decode("utf-8", "replace").strip()
                if not line or line[0] in "#!;" or line.startswith("//"):
                    continue
                key = entry(line)
                if key is None:
                    _refuse(feed, line)
                elif key:
                    packed = _number(key, number).to_bytes(8, "little" if _LITTLE else "big")
                    buckets[key[0]] += packed
                    feed.entries += 1
    except OSError as error:
        remedy = "make it readable for the user that runs Lazaretto, or remove it"
        raise ConfigError(Problem(feed.path, None, f"cannot be read: {error.strerror}", remedy)) from None


def _refuse(feed: Feed, line: str) -> None:
    feed.refused += 1
    if len(feed.examples) < _SHOWN:
        feed.examples.append(repr(line[:40]))


def _sha(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _of_hosts(line: str) -> bytes | None:
    """ "0.0.0.0 bad.example", as in /etc/hosts, or the host alone: itself, and nothing below it."""
    words = line.partition("#")[0].split()
    name = words[1] if len(words) > 1 and words[0] in _NULLS else words[0] if len(words) == 1 else ""
    if name.lower() in _LOCAL:
        return b""
    host = hosts.read(name)
    return _sha(host.name) if host and ("." in host.name or host.is_ip) else None


def _of_domains(line: str) -> bytes | None:
    """The domain and all below it."""
    host = hosts.read(line.partition("#")[0].strip().removeprefix("*.").lstrip("."))
    if host is None or ("." not in host.name and not host.is_ip):
        return None
    return _sha(host.name if host.is_ip else f".{host.name}")


def _of_urls(line: str) -> bytes | None:
    """In any spelling; without a scheme too.  What it says of a query counts: without one it stands for every query."""
    url = address.read(line if "://" in line[:12] else f"http://{line}")
    return _sha(url.key) if url and url.host else None


def _of_hashes(line: str) -> bytes | None:
    """SHA-256 of what ``Url.key`` is: host, port if unusual, path, query; or of a host."""
    digest = line.split(maxsplit=1)[0].lower()
    return bytes.fromhex(digest) if _HEX.match(digest) else None


_LITTLE = array("H", b"\1\0")[0] == 1
_READERS: dict[str, Callable[[str], bytes | None]] = {
    ".hosts": _of_hosts,
    ".domains": _of_domains,
    ".urls": _of_urls,
    ".sha256": _of_hashes,
}
"""By the end of the file's name; other files in the folders are none of our business."""
