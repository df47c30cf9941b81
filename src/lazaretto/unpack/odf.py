"""OpenDocument: what a password hides, where the parts point to, and that there are macros."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import Encrypted, HostileInput, LimitExceeded
from lazaretto.mime import elements
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.office import opendocument
from lazaretto.office.links import Place, place
from lazaretto.office.opendocument import Secret
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack import inflate, zipindex
from lazaretto.unpack.signatures import ODF, XML_KINDS, ZIP, ZIP_FAMILY
from lazaretto.unpack.zipindex import Entry

_MANIFEST = b"META-INF/manifest.xml"
_LONGEST = 64 * 2**20  # bytes of a part that is read
_MOST = 16 * 2**20  # bytes of a manifest
_SHOWN = 16  # lines of evidence
_REFUSED = 2  # files that the word does not open, although it opens another
# Elements by what a reader does with their target (OpenDocument 1.3 part 3).
_LOADS = ("floating-frame", "object", "object-ole", "plugin", "applet", "section-source", "table-source")
_SHOWS = ("image", "fill-image", "audio", "sound", "dde-source")
_EVENT = "event-listener"


class Odf(Unpacker):
    """The files of an encrypted package as they are without their lock; findings about the parts of others."""

    name: ClassVar[str] = "odf"
    types: ClassVar[frozenset[str]] = XML_KINDS | {ZIP, *(kind for kind in ZIP_FAMILY if kind.startswith(ODF))}

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        if artifact.type in XML_KINDS:
            yield from _about(artifact.data)
        elif _secrets(artifact.data)[0]:
            raise Encrypted("an OpenDocument package with a password")

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        if artifact.type in XML_KINDS:
            yield from self.unpack(artifact)
            return
        secrets, entries = _secrets(artifact.data)
        locked = [(each, entries[each.path]) for each in secrets if each.path in entries]
        if not locked:
            if secrets:
                raise Encrypted(f"{secrets[0].what}: nothing in the package has the names of what is encrypted")
            return
        for secret, _ in locked:
            opendocument.check(secret)
        secret, entry = min(locked, key=lambda each: each[1].packed)
        sample = artifact.data[entry.start : entry.end]
        for word in passwords:
            if opendocument.opened(secret, word, sample) is not None:
                yield passwords.opened(word)
                yield from _files(artifact.data, locked, word)
                return
        raise Encrypted(passwords.refused(secret.what))


def _secrets(data: bytes) -> tuple[list[Secret], dict[str, Entry]]:
    """What is encrypted, and all entries by their paths."""
    if _MANIFEST.rpartition(b"/")[2] not in data:
        return [], {}
    entries: dict[str, Entry] = {}
    for entry in zipindex.read(data).entries:
        for name in entry.names:
            entries.setdefault(name.decode("utf-8", "replace").replace("\\", "/").lstrip("/"), entry)
    manifest = entries.get(_MANIFEST.decode())
    return (opendocument.secrets(_content(data, manifest)) if manifest else []), entries


def _content(data: bytes, entry: Entry) -> bytes:
    if entry.method == 0:
        return data[entry.start : min(entry.end, entry.start + _MOST)]
    found = bytearray()
    try:
        for chunk in inflate.Stream(inflate.Deflate, data, entry.start, entry.end).chunks():
            found += chunk
            if len(found) > _MOST:
                raise LimitExceeded("xml", f"a manifest of more than {_MOST} bytes")
    except LimitExceeded:
        raise
    except HostileInput:  # the zip itself is damaged there, and is reported as such
        pass
    return bytes(found)


def _files(data: bytes, locked: list[tuple[Secret, Entry]], word: str) -> Iterator[Member]:
    refused = 0
    for secret, entry in locked:
        content = data[entry.start : entry.end]
        if (chunks := opendocument.opened(secret, word, content)) is None:
            refused += 1
            if refused > _REFUSED:  # each has taken as long as its rounds
                break
            continue
        yield Member((f"decrypted/{secret.path}", secret.path), chunks)
    if refused:
        raise Encrypted("OpenDocument, files that another word opens")


# ---------------------------------------------------------------------------- parts


def _about(data: bytes) -> Iterator[Finding]:
    root = elements.root(data)
    if root is None or root.name not in ("manifest", "document", "document-content", "document-styles"):
        return
    if len(data) > _LONGEST:
        raise LimitExceeded("xml", f"a part of more than {_LONGEST} bytes")
    text = elements.document(data)
    if root.name == "manifest":
        yield from _macros(text)
    elif root.prefix == "office":
        yield from _links(text)


def _macros(text: str) -> Iterator[Finding]:
    paths = (each.attributes.get("full-path", "") for each in elements.named(text, "file-entry"))
    if found := [one_line(path) for path in paths if path.startswith(("Basic/", "Scripts/")) and path[-1:] != "/"]:
        yield Finding("unpack", "odf.macros", Kind.MACRO, Severity.INFORMATIONAL, evidence=_shown(found))


def _links(text: str) -> Iterator[Finding]:
    by_severity: dict[Severity, list[str]] = {}
    events: list[str] = []
    for each in elements.named(text, *_LOADS, *_SHOWS, _EVENT):
        for target in each.values("href"):  # which of the prefixes is XLink's is not asked
            where = place(target)
            if each.name == _EVENT:
                if target.startswith("vnd.sun.star.script:"):
                    events.append(f"{one_line(each.attributes.get('event-name', ''), 40)}: {one_line(target, 200)}")
            elif where is not Place.INSIDE:
                severity = _severity(each.name, where)
                by_severity.setdefault(severity, []).append(f"{each.name}: {one_line(target, 200)}")
    for severity, lines in by_severity.items():
        kind = Kind.SCRIPT if severity >= Severity.MEDIUM else Kind.CONTENT
        yield Finding("unpack", "odf.external", kind, severity, evidence=_shown(lines))
    if events:
        yield Finding("unpack", "odf.events", Kind.MACRO, Severity.INFORMATIONAL, evidence=_shown(events))


def _severity(name: str, where: Place) -> Severity:
    if name not in _LOADS:
        return Severity.LOW if where is Place.SHARE else Severity.INFORMATIONAL
    return Severity.MEDIUM if where in (Place.REMOTE, Place.SHARE, Place.HANDLER) else Severity.INFORMATIONAL


def _shown(lines: list[str]) -> tuple[str, ...]:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return (*lines[:_SHOWN], *more)
