"""PDF (ISO 32000): every file, script and stream in it, and what its actions reach for.

Two readers look at it.  libqpdf follows the cross-reference tables, mends them and finds the key, as readers do; a scan
of our own sees the objects that no table names.  What either sees is given out once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.errors import Encrypted, LimitExceeded, Malformed
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Passwords, Unpacker
from lazaretto.unpack.pdf import reader, slack
from lazaretto.unpack.pdf.filters import PICTURES, Filter, Meter, decoded
from lazaretto.unpack.pdf.holdings import Holdings
from lazaretto.unpack.pdf.scan import Place, Scan, Stream
from lazaretto.unpack.signatures import PDF

_ENCRYPT = re.compile(rb"/Encrypt[\0\t\n\f\r ]{0,20}(?:[0-9]|<<)")
_DECLARED = {"DCTDecode": "image/jpeg", "JPXDecode": "image/jp2"}


class Pdf(Unpacker):
    """Files, scripts and forms under their names, all other streams by the number of their object."""

    name: ClassVar[str] = "pdf"
    types: ClassVar[frozenset[str]] = frozenset({PDF})

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        reader.prepare()

    def describe(self) -> tuple[str, ...]:
        return (reader.describe(),)

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        return _read(artifact.data, None)

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        return _read(artifact.data, passwords)


def _read(data: bytes, passwords: Passwords | None) -> Iterator[Member | Finding]:
    opened, locked = None, False
    try:
        opened = reader.opened(data, passwords)
        if opened.encrypted:
            yield (
                passwords.opened(opened.word)
                if opened.word and passwords
                else _finding("pdf.restricted", Kind.CONTENT, "encrypted so that anybody can open it")
            )
    except Encrypted:
        locked = True
        yield _locked(passwords.refused("PDF") if passwords else "PDF")
    except Malformed as error:  # the scan reads what is there
        if _ENCRYPT.search(data):
            locked = True
            yield _locked(str(error))
    contents = _Contents(data, opened, locked=locked)
    contents.gather()
    yield from contents.holdings.findings()
    yield from contents.members()
    if contents.trouble:
        yield Finding("unpack", "pdf.limit", Kind.LIMIT, Severity.MEDIUM, evidence=tuple(contents.trouble))


def _finding(name: str, kind: Kind, evidence: str) -> Finding:
    return Finding("unpack", name, kind, Severity.INFORMATIONAL, evidence=(evidence,))


def _locked(evidence: str) -> Finding:
    return Finding("unpack", "unpack.encrypted", Kind.ENCRYPTED, Severity.MEDIUM, evidence=(evidence,))


class _Contents:
    """What is in one document: gathered first, because names stand anywhere, then given out."""

    def __init__(self, data: bytes, opened: reader.Reader | None, *, locked: bool) -> None:
        self._meter = Meter()
        self._reader = opened
        self._scan = Scan(data, self._meter, opened.keys() if opened else None, locked=locked)
        self.holdings = Holdings(self._scan)
        self.trouble = self._scan.trouble
        self._given: set[tuple[bytes, tuple[Filter, ...], tuple[str, ...]]] = set()

    def gather(self) -> None:
        scan = self._scan
        try:
            for place, value in scan.objects():
                self.holdings.walk(place, value)
            if scan.weight > reader.WEIGHT:
                raise LimitExceeded("pdf", f"objects of {scan.weight} words, more than {reader.WEIGHT}")
            known = scan.known
            for seen in self._reader.objects(known) if self._reader else ():
                place = Place(seen.source, 0, seen.number, seen.generation, plain=True)
                for _, value in scan.add(place, seen.raw):
                    self.holdings.walk(place, value)
        except LimitExceeded as error:
            self.trouble[str(error)] = None
        try:
            self.holdings.finish()
        except LimitExceeded as error:
            self.trouble[str(error)] = None
        if self.holdings.full:
            self.trouble["too many scripts, links or names"] = None

    def members(self) -> Iterator[Member]:
        """Files and scripts first, so that they are seen where a limit cuts off the rest."""
        yield from slack.members(self._scan.data)
        holdings = self.holdings
        for number, script in holdings.scripts:
            yield Member((f"script-{number}.js",), [script])
        streams = self._scan.streams
        for stream in streams:
            if names := holdings.names(stream):
                yield from self._stream(stream, names)
        for stream in streams:
            if not holdings.names(stream):
                yield from self._stream(stream, ())
        for number, octets in holdings.octets:
            yield Member((f"string-{number}",), [octets])
        if holdings.strings:
            yield Member(("strings.txt",), [b"\n".join(holdings.strings)])
        if holdings.links:
            yield Member(("uris",), ["\r\n".join(holdings.links).encode("utf-8", "replace")], "text/uri-list")

    def _stream(self, stream: Stream, names: tuple[str, ...]) -> Iterator[Member]:
        try:
            raw, chain = self._scan.raw(stream), self._scan.chain(stream)
        except LimitExceeded as error:
            self.trouble[str(error)] = None
            return
        pictures = [each.name for each in chain if each.name in PICTURES]
        # Pixels and tables of references hold nothing; what is a file besides has a name.
        idle = stream.kind == "XRef" or (stream.subtype == "Image" and not pictures)
        key = (hashlib.sha256(raw).digest(), chain, names)  # one file under two names is two files
        if not raw or key in self._given or (idle and not names):
            return
        self._given.add(key)
        declared = _DECLARED.get(pictures[0], "") if pictures else stream.subtype.lower()
        declared = declared if "/" in declared else ""
        yield Member(names or (f"object-{stream.number}",), self._chunks(raw, chain), declared)

    def _chunks(self, raw: bytes, chain: tuple[Filter, ...]) -> Iterator[bytes]:
        """As it was before the filters; as it stands where they give nothing."""
        given = False
        try:
            for chunk in decoded(raw, chain, self._meter):
                if chunk:
                    given = True
                    yield chunk
        except LimitExceeded as error:
            self.trouble[str(error)] = None
        if not given:
            yield raw
