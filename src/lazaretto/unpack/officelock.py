"""Office documents behind a password ([MS-OFFCRYPTO]), of every version.

Two words are always tried first: Excel and PowerPoint write them themselves and open such a file without asking.  It is
no lock then, but hides the content from whoever does not know that; few honest files have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, NamedTuple

from lazaretto.errors import Encrypted
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.office import locked, package
from lazaretto.office.compound import Compound
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack.signatures import OLE_FAMILY

DEFAULTS = ("VelvetSweatshop", "/01Hannes Ruescher/01")  # [MS-XLS] 2.2.10, [MS-PPT] 2.3.7


class OfficeLock(Unpacker):
    """The document as it is without its lock, or ENCRYPTED."""

    name: ClassVar[str] = "officelock"
    types: ClassVar[frozenset[str]] = OLE_FAMILY

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        raise Encrypted("an Office document with a password")

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        file = Compound(artifact.data)
        if locked.rights(file):
            raise Encrypted("rights management: a server gives out the key")
        lock = _lock(file, artifact.type)
        if lock is None:
            return
        for word in DEFAULTS:
            if (chunks := lock.open(word)) is not None:
                yield Finding("unpack", "office.default-password", Kind.AMBIGUOUS, Severity.LOW, evidence=(lock.what,))
                yield _member(artifact, chunks)
                return
        for word in passwords:
            if (chunks := lock.open(word)) is not None:
                yield passwords.opened(word)
                yield _member(artifact, chunks)
                return
        raise Encrypted(passwords.refused(lock.what))


class _Lock(NamedTuple):
    what: str
    open: Callable[[str], Iterator[bytes] | None]


def _lock(file: Compound, kind: str) -> _Lock | None:
    info, content = file.find("EncryptionInfo"), file.find("EncryptedPackage")
    if content is not None:
        if info is None:
            raise Encrypted("an encrypted document without what is needed to open it")
        lock, octets = package.read(file.read(info)), file.read(content)

        def opened(word: str) -> Iterator[bytes] | None:
            key = lock.key(word)
            return None if key is None else lock.chunks(octets, key)

        return _Lock(lock.what, opened)
    found = locked.find(file, kind)
    if found is None:
        return None

    def document(word: str) -> Iterator[bytes] | None:
        whole = found.open(word)
        return None if whole is None else iter([whole])

    return _Lock(found.what, document)


def _member(artifact: Artifact, chunks: Iterator[bytes]) -> Member:
    """Under the name that it had: programs go by its ending."""
    name = artifact.names[0].replace("\\", "/").rpartition("/")[2] if artifact.names else ""
    return Member((name,) if name else (), chunks)
