"""Office documents behind a password ([MS-OFFCRYPTO]), of every version.

Two words are always tried first: Excel and PowerPoint write them themselves and open such a file without asking.  It is
no lock then, but hides the content from whoever does not know that; few honest files have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar, NamedTuple

from lazaretto.errors import Encrypted, HostileInput
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.office import kinds, locked, package
from lazaretto.office.compound import Compound
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack.signatures import OLE_FAMILY

DEFAULTS = {"VelvetSweatshop": "Excel", "/01Hannes Ruescher/01": "PowerPoint"}  # [MS-XLS] 2.2.10, [MS-PPT] 2.3.7


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
        trouble: HostileInput | None = None  # said at the end: what another program sees is given first
        for find in (_package, _word, _excel, _powerpoint):
            try:
                if lock := find(file):
                    yield from _unlocked(artifact, lock, passwords)
            except HostileInput as error:
                trouble = trouble or error
        if trouble:
            raise trouble


class _Lock(NamedTuple):
    what: str
    open: Callable[[str], Iterator[bytes] | None]


def _unlocked(artifact: Artifact, lock: _Lock, passwords: Passwords) -> Iterator[Member | Finding]:
    for word in passwords.known_to_all(DEFAULTS):
        if (chunks := lock.open(word)) is not None:
            yield _finding("office.default-password", Kind.AMBIGUOUS, Severity.LOW, lock.what)
            evidence = f"opened with the default word of {DEFAULTS[word]}"
            yield _finding("unpack.password", Kind.ENCRYPTED, Severity.INFORMATIONAL, evidence)
            yield _member(artifact, chunks)
            return
    for word in passwords:
        if (chunks := lock.open(word)) is not None:
            yield passwords.opened(word)
            yield _member(artifact, chunks)
            return
    raise Encrypted(passwords.refused(lock.what))


def _finding(name: str, kind: Kind, severity: Severity, evidence: str) -> Finding:
    return Finding("unpack", name, kind, severity, evidence=(evidence,))


def _package(file: Compound) -> _Lock | None:
    info, content = file.find("EncryptionInfo"), file.find("EncryptedPackage")
    if content is None:
        return None
    if info is None:
        raise Encrypted("an encrypted document without what is needed to open it")
    lock, octets = package.read(file.read(info)), file.read(content)

    def opened(word: str) -> Iterator[bytes] | None:
        key = lock.key(word)
        return None if key is None else lock.chunks(octets, key)

    return _Lock(lock.what, opened)


def _binary(kind: str, file: Compound) -> _Lock | None:
    found = locked.find(file, kind)
    if found is None:
        return None

    def document(word: str) -> Iterator[bytes] | None:
        whole = found.open(word)
        return None if whole is None else iter([whole])

    return _Lock(found.what, document)


# Each program looks for streams of its own, whatever others stand beside them.
_word, _excel, _powerpoint = (partial(_binary, kind) for kind in (kinds.WORD, kinds.EXCEL, kinds.POWERPOINT))


def _member(artifact: Artifact, chunks: Iterator[bytes]) -> Member:
    """Under the name that it had: programs go by its ending."""
    name = artifact.names[0].replace("\\", "/").rpartition("/")[2] if artifact.names else ""
    return Member((name,) if name else (), chunks)
