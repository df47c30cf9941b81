"""The engine that reads links: where they go, what they pretend, whether a list knows them; and QR codes."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from lazaretto import config
from lazaretto.links import documents, drawn, feeds, lists, page, pictures, portable, prose
from lazaretto.links.judge import Judge, Link, Sign
from lazaretto.mime import decode, elements
from lazaretto.model import Artifact, Finding, Kind, Severity, Target, one_line
from lazaretto.plugin import Engine

LOGIC = "2"  # of what is said about a link; counted up when that changes
MOST = 100_000  # links of one artifact that are judged; tables and logs have tens of thousands
LONGEST = 1 << 26  # bytes of one text that are read
LONGEST_PAGE = 1 << 24  # of one page
_TARGETS = 2_000  # that are handed on; a message keeps fewer, and says so
_KEPT = 100  # signs of one name and severity that are kept
_SHOWN = 5  # links named in the evidence of one finding
_PDF, _RTF = "application/pdf", "application/rtf"
_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/hta", "image/svg+xml"})
_CARDS = frozenset({"text/calendar", "text/vcard"})
_SHORTCUTS = frozenset({"application/x-mswinurl", "text/x-ini"})
_XML = frozenset({"text/xml", "application/xml", "application/vnd.oasis.opendocument.text-flat-xml"})
_COMPOUND = frozenset(
    {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/x-ole-storage"}
)
_PROSE = frozenset({"text/plain", "text/markdown", "text/csv", "text/tab-separated-values"})


class UrlSettings(config.Settings):
    protect: tuple[str, ...] = Field(
        (),
        description="domains that others may pretend to be: `example.org`; several of one owner in one entry, with "
        "blanks between them, the best known first",
    )
    brands: bool = Field(True, description="also protect the names of the list that comes with Lazaretto")
    feeds: tuple[Path, ...] = Field(
        (), description="folders of lists of bad links: files .hosts, .domains, .urls, .sha256"
    )
    codes: bool = Field(True, description="read QR codes in pictures, pages of PDF, text and tables")
    pages: int = Field(200, ge=1, le=10_000, description="pages of a PDF whose links are read")
    code_pages: int = Field(10, ge=0, le=1000, description="pages of a PDF on which QR codes are looked for")
    seconds: float = Field(5.0, gt=0, le=600, description="for the pages of one PDF; then a LIMIT finding")


class Urls(Engine):
    """Links in text, HTML, PDF, Office documents, calendars, cards, shortcuts and QR codes. Nothing is asked of any
    server."""

    name: ClassVar[str] = "urls"
    by_name: ClassVar[bool] = False
    Settings: ClassVar[type[config.Settings]] = UrlSettings
    types: ClassVar[frozenset[str]] = (
        _PAGES | _CARDS | _SHORTCUTS | _XML | _COMPOUND | _PROSE | pictures.TYPES | {_PDF, _RTF}
    )

    def __init__(self, settings: UrlSettings) -> None:
        """Reads the lists and loads the libraries; shared with every process forked afterwards."""
        super().__init__(settings)
        self._limits = portable.Limits(settings.pages, settings.code_pages if settings.codes else 0, settings.seconds)
        self._codes = settings.codes
        self._feeds = feeds.load(settings.feeds)
        protected = [lists.brand(entry.lower().split()) for entry in settings.protect if entry.strip()]
        self._judge = Judge(protected, brands=settings.brands, table=self._feeds if self._feeds.feeds else None)
        pictures.prepare()
        portable.prepare()
        about = repr((LOGIC, settings.protect, settings.brands, self._limits, self._codes, self._feeds.version))
        self._version = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:12]

    @property
    def version(self) -> str:
        return self._version

    def describe(self) -> tuple[str, ...]:
        return tuple(feed.line(time.time()) for feed in self._feeds.feeds)

    def inspect(self, artifact: Artifact) -> Iterator[Finding | Target]:
        report = _Report(self._judge)
        kind = artifact.type
        if kind in pictures.TYPES:
            if self._codes:
                self._picture(artifact.data, report)
        elif kind == _PDF:
            self._portable(artifact.data, report)
        else:
            self._text(kind, artifact.data, report)
        yield from report.results()

    def _text(self, kind: str, data: bytes, report: _Report) -> None:
        most = LONGEST_PAGE if kind in _PAGES else LONGEST
        if len(data) > most:
            report.limit("limit.bytes", f"the first {most} of {len(data)} bytes were read")
            data = data[:most]
        if kind in _COMPOUND:
            report.links(documents.binary(data))
            return
        text = elements.document(data) if kind in _XML else decode.text(data).replace("\0", "")
        if kind in _PAGES:
            found = page.read(text)
            report.links(found.links)
            report.links(page.visible(text))
            for target in found.forms:
                report.form(target)
            if self._codes:
                report.codes(drawn.in_page(text))
        elif kind == _RTF:
            report.links(documents.rtf(text))
        elif kind in _CARDS:
            report.links(documents.calendar(text))
        elif kind in _SHORTCUTS:
            report.links(documents.shortcut(text))
        elif kind in _XML:
            report.links(documents.xml(text))
        else:
            report.links(prose.links(text))
        if self._codes and kind not in _XML:
            report.codes(drawn.in_text(text))

    def _picture(self, data: bytes, report: _Report) -> None:
        try:
            report.codes(pictures.codes(data))
        except pictures.TooBig as error:
            report.limit("limit.picture", str(error))

    def _portable(self, data: bytes, report: _Report) -> None:
        for found in portable.read(data, self._limits):
            if found.link is not None:
                report.links((found.link,))
            elif found.code is not None:
                report.codes((found.code,))
            elif self._limits.code_pages or not found.limit.startswith("QR"):
                severity = Severity.INFORMATIONAL if found.ordinary else Severity.LOW
                report.limit("limit.pages", found.limit, severity)


class _Report:
    """One finding for each sign, with the worst of its links; and the links themselves."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._signs: dict[tuple[str, Kind], dict[Severity, dict[str, None]]] = {}
        self._more: Counter[tuple[str, Kind]] = Counter()
        self._targets: dict[str, Target] = {}
        self._seen: set[Link] = set()

    def links(self, found: Iterator[Link] | list[Link] | tuple[Link, ...]) -> None:
        for link in found:
            if link in self._seen:
                continue
            if len(self._seen) >= MOST:
                self.limit("limit.links", f"more than {MOST} links")
                return
            self._seen.add(link)
            urls, signs = self._judge.judge(link)
            for url in urls if len(self._targets) < _TARGETS else ():
                self._targets.setdefault(url.text, Target(url.text, url.host))
            for sign in signs:
                self._add(sign)

    def codes(self, texts: Iterator[str] | tuple[str, ...]) -> None:
        for text in texts:
            target = text.strip()
            if target[:4].lower() == "www.":
                target = f"http://{target}"
            if ":" not in target[:32]:
                continue  # a QR code may hold anything
            self._add(Sign("url.qr", Severity.INFORMATIONAL, f"a QR code holds {one_line(target, 160)}"))
            self.links((Link(target, "", "code"),))

    def form(self, target: str) -> None:
        urls, _ = self._judge.judge(Link(target, "", "form"))
        if urls and urls[0].host:
            self._add(Sign("url.form", Severity.MEDIUM, f"a form sends a password to {one_line(urls[0].text, 160)}"))

    def limit(self, name: str, said: str, severity: Severity = Severity.LOW) -> None:
        self._add(Sign(name, severity, said, Kind.LIMIT))

    def _add(self, sign: Sign) -> None:
        key = sign.name, sign.kind
        said = self._signs.setdefault(key, {}).setdefault(sign.severity, {})
        if len(said) < _KEPT:
            said[sign.said] = None
        elif sign.said not in said:
            self._more[key] += 1

    def results(self) -> Iterator[Finding | Target]:
        for (name, kind), signs in self._signs.items():
            said = list(dict.fromkeys(each for severity in sorted(signs, reverse=True) for each in signs[severity]))
            evidence = tuple(one_line(each, 400) for each in said[:_SHOWN])
            more = len(said) - _SHOWN + self._more[name, kind]
            if more > 0:
                evidence += (f"and {more} more",)
            yield Finding("urls", name, kind, max(signs), evidence=evidence)
        yield from self._targets.values()
