"""Everything in one open container, as members and findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.model import Finding, Kind, Severity
from lazaretto.plugin import Member, Passwords
from lazaretto.unpack.sevenzip import archive as properties
from lazaretto.unpack.sevenzip import extraction
from lazaretto.unpack.sevenzip.archive import Archive, Item
from lazaretto.unpack.sevenzip.discs import Seen
from lazaretto.unpack.sevenzip.extraction import Extraction
from lazaretto.unpack.sevenzip.formats import COMMENTED

SHOWN = 16  # names in one finding
_RESTARTS = 64  # runs over one container, because some of its blocks cannot be decoded
_LONGEST_LINK = 4096  # PATH_MAX; what is longer is a file whatever it says
_GROUPS = 8  # blocks that may each have a password of their own
_MOST_COMMENTS = 1000
# The format's own tables, which only look like files: a boot sector alone is no disk.
_NTFS_TABLES = frozenset(f"[SYSTEM]/${name}" for name in ("MFT", "MFTMirr", "LogFile", "Bitmap", "Boot", "UpCase"))


class Contents:
    """Reads one container once.  ``fallback``: names of an item that has none; ``seen``: what has been given already;
    ``without``: items that somebody else reads; ``prefix``: stands before all names."""

    def __init__(
        self,
        archive: Archive,
        passwords: Passwords | None,
        name: str,
        fallback: Sequence[str],
        seen: Seen | None = None,
        *,
        without: Collection[int] = (),
        prefix: str = "",
    ) -> None:
        self._seen, self._prefix = seen, prefix
        self._archive, self._passwords, self._name, self._fallback = archive, passwords, name, tuple(fallback)
        self._items = {item.index: item for item in archive.items() if item.index not in without}
        self._unsupported: list[str] = []
        self._stopped: list[HostileInput] = []
        self._locked: list[str] = []
        self._links = [(item.path, item.link) for item in self._items.values() if _is_link(item)]

    def members(self) -> Iterator[Member | Finding]:
        files = [item for item in self._items.values() if not item.folder and not _is_link(item)]
        if self._seen:
            files = self._seen.fresh(self._archive, files)
        yield from self._plain([item for item in files if not item.encrypted or self._archive.word is not None])
        if self._archive.word is None:
            yield from self._encrypted([item for item in files if item.encrypted])
        yield from self._comments()
        yield from self._findings()
        yield from self._tail()
        self._complain()

    def names(self, item: Item) -> tuple[str, ...]:
        return tuple(self._prefix + name for name in ((item.path,) if item.path else self._fallback))

    # ------------------------------------------------------------------------ members

    def _plain(self, items: Sequence[Item], word: str | None = None) -> Iterator[Member]:
        """All of these, over what cannot be decoded: where 7-Zip gives up, it is started again behind that block."""
        left = [item.index for item in items]
        for _ in range(_RESTARTS):
            if not left:
                return
            with self._archive.extract(left, word) as run:
                for index, chunks in run:
                    item = self._items[index]
                    if item.symbolic and (item.size or 0) <= _LONGEST_LINK:
                        target = _target(chunks)
                        self._links.append((item.path, target.decode("utf-8", "replace")))
                        if self._archive.handler == "7z":  # of which some make a file with this content
                            yield Member(self.names(item), [target])
                        continue
                    watched = self._seen.watch(item, chunks) if self._seen else chunks
                    guess = item.auxiliary or (self._archive.handler == "NTFS" and item.path in _NTFS_TABLES)
                    yield Member(self.names(item), watched, size=item.size, guess=guess)
                left = [index for index in left if index not in run.results]
                self._take_results(run)
                if left:
                    self._stopped.append(run.trouble())
            failed = self._items[left[0]] if left else None
            left = [index for index in left[1:] if failed and not _same_block(failed, self._items[index])]
        self._stopped.append(LimitExceeded("count", f"{len(left)} members behind {_RESTARTS} damaged ones"))

    def _take_results(self, run: Extraction) -> None:
        for code in run.complaints:
            if code == extraction.METHOD:
                self._unsupported = self._unsupported or [f"{self._name}: {extraction.said(code)}"]
            else:
                self._stopped.append(Malformed(f"7-Zip: {extraction.said(code)}"))
        for index, result in run.results.items():
            item = self._items[index]
            if result == extraction.METHOD:
                self._unsupported.append(f"{item.path or self._name}: method {item.method or 'unknown'}")
            elif result == extraction.PASSWORD:
                self._locked.append(item.path)

    def _encrypted(self, items: Sequence[Item]) -> Iterator[Member | Finding]:
        """Blocks by the words that open them; one word is tried on the smallest part of each."""
        for group in _groups(items):
            word = self._word(group)
            if word is None:
                self._locked += [item.path for item in group]
                continue
            assert self._passwords is not None  # noqa: S101 a word comes from there
            yield self._passwords.opened(word)
            yield from self._plain(group, word)

    def _word(self, group: Sequence[Item]) -> str | None:
        probe = next((item for item in group if item.size), group[0])
        for word in self._passwords or ():
            with self._archive.extract([probe.index], word) as run:
                try:
                    if not all(extraction.ends(chunks, self._archive.source.size) for _, chunks in run):
                        return word
                except HostileInput:
                    continue
                if run.results.get(probe.index) == extraction.OK:
                    return word
        return None

    def _tail(self) -> Iterator[Member]:
        """What stands behind the container in the same file, and is not only padding."""
        size, start = self._archive.own(properties.PHYSICAL), self._archive.own(properties.OFFSET) or 0
        if not isinstance(size, int) or not 0 < start + size < self._archive.source.size:
            return
        if self._archive.source.has_content(start + size):
            yield Member((f"{self._name}.tail",), self._archive.source.chunks(start + size))

    def _comments(self) -> Iterator[Member]:
        if self._archive.handler not in COMMENTED:
            return
        own = self._archive.own(properties.COMMENT)
        if isinstance(own, str) and own:
            yield Member((f"{self._name}.comment",), [own.encode("utf-8", "replace")])
        for item in list(self._items.values())[:_MOST_COMMENTS]:
            said = self._archive.of(item.index, properties.COMMENT)
            if isinstance(said, str) and said:
                yield Member((f"{item.path}.comment",), [said.encode("utf-8", "replace")])

    # ------------------------------------------------------------------------ findings

    def _findings(self) -> Iterator[Finding]:
        if self._links:
            odd = [f"{path} -> {target}" for path, target in self._links if _is_odd(target)]
            lines = odd or [f"{len(self._links)} links, not followed"]
            yield finding("sevenzip.links", Kind.AMBIGUOUS, Severity.INFORMATIONAL, lines)
        flags = self._archive.flags()
        if flags & properties.UNSUPPORTED:
            self._unsupported.append(f"{self._name}: {', '.join(properties.named(flags & properties.UNSUPPORTED))}")
        if self._unsupported:
            yield finding("sevenzip.method", Kind.LIMIT, Severity.MEDIUM, self._unsupported)
        if self._locked:
            yield encrypted(self._passwords, self._locked)
        warning = self._archive.own(properties.WARNING)
        if isinstance(warning, str) and warning:
            yield finding("sevenzip.warning", Kind.AMBIGUOUS, Severity.INFORMATIONAL, [warning])

    def _complain(self) -> None:
        """What is to be said in the end, the limits first."""
        for error in sorted(self._stopped, key=lambda error: not isinstance(error, LimitExceeded)):
            raise error
        flags = self._archive.flags() & ~(properties.UNSUPPORTED | properties.AFTER_END)
        if flags:
            raise Malformed(f"{self._archive.handler}: {', '.join(properties.named(flags))}")
        if self._archive.count > properties.MOST:
            raise LimitExceeded("count", f"an archive of more than {properties.MOST} members")


def encrypted(passwords: Passwords | None, names: Sequence[str]) -> Finding:
    lines = [name for name in names if name]
    if passwords is not None:
        lines = [passwords.refused(lines[0] if lines else ""), *lines[1:]]
    return finding("unpack.encrypted", Kind.ENCRYPTED, Severity.MEDIUM, lines)


def finding(name: str, kind: Kind, severity: Severity, lines: Sequence[str]) -> Finding:
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return Finding("unpack", name, kind, severity, evidence=(*(line[:300] for line in lines[:SHOWN]), *more))


def _is_link(item: Item) -> bool:
    return bool(item.link) and (item.size or 0) <= _LONGEST_LINK


def _target(chunks: Iterator[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    except HostileInput:
        return b""


def _is_odd(target: str) -> bool:
    """Whether a link points out of the container."""
    return target.startswith(("/", "\\")) or ".." in target.replace("\\", "/").split("/") or target[1:2] == ":"


def _same_block(one: Item, other: Item) -> bool:
    return one.block is not None and one.block == other.block


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    found: dict[int | None, list[Item]] = {}
    for item in items:
        found.setdefault(item.block, []).append(item)
    groups = list(found.values())
    rest = [item for group in groups[_GROUPS - 1 :] for item in group]
    return [*groups[: _GROUPS - 1], rest] if rest else groups
