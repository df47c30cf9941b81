"""Words are tried on what is locked; what opened is remembered."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from lazaretto.errors import Encrypted, HostileInput
from lazaretto.model import Finding
from lazaretto.plugin import Passwords
from lazaretto.unpack.rar import keys
from lazaretto.unpack.rar.blocks import Archive, Item, Lock, Unlock
from lazaretto.unpack.rar.chains import Chain
from lazaretto.unpack.rar.data import Keys, Tools, checked, decompressed, raw
from lazaretto.unpack.rar.keys import Key

_TRIAL = 32 << 20  # bytes that are unpacked to learn from a checksum whether a password is right
_COST_OF_RAR4 = 1 << 16  # rounds of RAR 5 that take as long as making one of RAR 4's keys
_COST = 1 << 23  # such rounds for one archive; some seconds
_LOCKS = 1000  # locks without a known word that are remembered


class Keyring:
    """``passwords`` None: nothing is tried."""

    def __init__(self, passwords: Passwords | None) -> None:
        self._passwords = passwords
        self._keys: dict[tuple[str, Lock], Key] = {}
        self._cost = 0
        self._useless: set[Lock] = set()
        self._said: set[str] = set()
        self._findings: list[Finding] = []

    def findings(self) -> Iterator[Finding]:
        """About words that opened something, each once."""
        while self._findings:
            yield self._findings.pop(0)

    def refused(self, what: str) -> str:
        return self._passwords.refused(what) if self._passwords else what

    def headers(self, archive: Archive, walk: Callable[[Unlock], Archive]) -> Archive:
        """The archive again, with the word that opens its headers; as it is when none does."""
        lock = archive.locked
        if lock is None or lock.rounds > keys.MOST_ROUNDS:
            return archive
        for word in self._passwords or ():
            if lock.check and not keys.fits(word, lock):
                continue

            def unlock(one: Lock, word: str = word) -> tuple[bytes, bytes] | None:
                key = self._key(word, one, archive.version)
                return key.aes, key.iv

            opened = walk(unlock)
            if lock.check or opened.items or (opened.end > archive.end and not opened.damage):
                self._say(word)
                return opened
        return archive

    def open(self, data: bytes, tools: Tools, chain: Chain) -> Keys | None:
        """What opens the files of the chain: the word that opens the first, for RAR has one password for all of a
        chain.  None when no word does; raises Encrypted when none could be tried."""
        item = next(item for item in chain.items if item.lock)
        lock = item.lock
        assert lock is not None  # noqa: S101 the line above
        if item.version not in (29, 36, 50, 70):
            raise Encrypted(f"the encryption of RAR {item.version / 10:.1f}")
        if lock.rounds > keys.MOST_ROUNDS:
            raise Encrypted(f"a key of 2^{lock.rounds} rounds")
        if lock in self._useless:
            return None
        for word in self._passwords or ():
            if self._opens(word, data, tools, chain, item):
                self._say(word)
                version = 5 if item.version >= 50 else 4
                return {each.lock: self._key(word, each.lock, version) for each in chain.items if each.lock}
        if len(self._useless) < _LOCKS:
            self._useless.add(lock)
        return None

    def _opens(self, word: str, data: bytes, tools: Tools, chain: Chain, item: Item) -> bool:
        lock = item.lock
        if lock is None or (lock.check and not keys.fits(word, lock)):
            return False
        key = self._key(word, lock, 5 if item.version >= 50 else 4)
        return bool(lock.check) or self._trial(data, tools, chain, item, {lock: key})

    def _trial(self, data: bytes, tools: Tools, chain: Chain, item: Item, key: Keys) -> bool:
        """By the checksum of the chain's first file: nothing else tells right from wrong."""
        if item is not chain.items[0] or item.crc is None or item.size is None:
            return False
        if chain.stored:
            return _has_checksum(raw(data, item, key), item, key)
        if tools.missing(Chain([item])):
            return False
        try:
            files = decompressed(data, tools, Chain([item]), key)
            return _has_checksum(next(files, iter(())), item, key)
        except HostileInput:
            return False

    def _key(self, word: str, lock: Lock, version: int) -> Key:
        """Raises Encrypted when too many have been made: each archive may want as many as it has files."""
        if (word, lock) not in self._keys:
            self._cost += _COST_OF_RAR4 if version == 4 else 1 << lock.rounds
            if self._cost > _COST:
                raise Encrypted("locked with too many keys")
            self._keys[word, lock] = keys.key5(word, lock) if version == 5 else keys.key4(word, lock.salt)
        return self._keys[word, lock]

    def _say(self, word: str) -> None:
        if self._passwords and word not in self._said:
            self._said.add(word)
            self._findings.append(self._passwords.opened(word))


def _has_checksum(chunks: Iterator[bytes], item: Item, opened: Keys) -> bool:
    crc, size = 0, 0
    try:
        for chunk in chunks:
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            if size > _TRIAL:
                return False
    except HostileInput:
        pass
    return size == item.size and item.crc == checked(item, crc, opened)
