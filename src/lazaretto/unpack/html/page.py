"""Files that hide in HTML, SVG and XML: data: URLs, pages in pages, and what scripts put together ("HTML smuggling").

No script is run: literals are folded (``folding.py``).  A page that builds a file where no gateway sees it and saves it
by script is reported, whether or not its file could be read.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import ClassVar

from lazaretto.errors import LimitExceeded
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import signatures
from lazaretto.unpack.html import literal, markup
from lazaretto.unpack.html.folding import Folder
from lazaretto.unpack.html.scriptvalue import Built
from lazaretto.unpack.identify import identify

MEMBERS = 1000  # out of one page
SCRIPT = "text/javascript"
SHORTEST, SHORTEST_GUESS = 16, 40  # bytes of a text that somebody decoded, and that we guess to be encoded
_LEVELS = 4  # scripts in strings of scripts

# What ordinary pages do not have.  Looked for in lower case, without what URLs lose (tabs, line ends), scripts skip
# (blanks) and nothing below needs: a shorter text is searched sooner.
_LOWER = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_UNNEEDED = b"\t\r\n =\"'-./,%_?!{}>"
_AS_SCRIPT = re.compile(rb"script(?:(?<=[<:;]script)|(?=:))")
# A decoder or builder called in an event handler.  By its bracket, because brackets are rare and quickly found.
_CALL = re.compile(rb"\((?:(?<=(?:atob|blob|code|cape|nent|file|eval|rite)\()|(?<=\]\())")
# Letters of ASCII and ":" as character references; nobody needs them.
_ENTITY = re.compile(
    rb"&(?:#(?:0*(?:58|6[5-9]|[78]\d|90|9[789]|1[01]\d|12[012])(?!\d)|x0*(?:3a|[4567][0-9a-f])(?![0-9a-f]))"
    rb"|colon|tab;|newline)"
)
_HINTS = ("atob", "fromCharCode", "Blob", "createObjectURL", "unescape", "decodeURI", "document.write", "Uint8Array")
_RUN = re.compile(r"(?<![A-Za-z0-9+/=_\s-])[A-Za-z0-9+/=_\s-]{64,}+")  # a payload in an element, for scripts to fetch

_SAVES = re.compile(r"msSave(?:OrOpen)?Blob|showSaveFilePicker|saveAs\s?\(")
_BUILDS = re.compile(r"\bBlob\b|createObjectURL|new\s{1,9}File\s?\(|equestFileSystem")
_DOWNLOAD = re.compile(r"\.\s?download\b|[\"']download[\"']")
_TRIGGERS = (".click", "dispatchEvent", "location", "window.open")
_LONG = re.compile(r"(?<![\w+/=%\\])[\w+/=%\\]{200,}+")
_SMALL = 20_000  # characters of scripts that count as one; in longer ones, libraries of all purposes,
_NEAR = 3_000  # what builds a file and what saves it have to stand together

# What nobody sends by script with good intent: graded HIGH.
_DANGEROUS = (
    (signatures.CONTAINERS - signatures.ZIP_FAMILY - {signatures.MAIL, signatures.MBOX})
    | {signatures.ZIP, signatures.JAR, signatures.APK, signatures.PE, signatures.DOS}
    | {signatures.DOCM, signatures.XLSM, signatures.XLSB, signatures.PPTM, signatures.VSDM}
    | {"application/x-elf", "application/x-mach-binary", "application/java-vm", "application/x-ms-shortcut"}
    | {"application/x-apple-diskimage", SCRIPT, "text/vbscript", "text/x-windows-script", "text/x-powershell"}
    | {"text/x-msdos-batch", "text/x-shellscript", "text/x-ms-regedit", "application/x-mswinurl", signatures.HTA}
)
_NAMED = {
    "text/html": "page.html",
    "application/xhtml+xml": "page.html",
    "image/svg+xml": "image.svg",
    "text/javascript": "script.js",
    "application/javascript": "script.js",
    "application/x-javascript": "script.js",
    "text/ecmascript": "script.js",
    "text/calendar": "calendar.ics",
    "text/vcard": "card.vcf",
}


class Html(Unpacker):
    """Pages, pictures in SVG, XML, and scripts that stand alone."""

    name: ClassVar[str] = "html"
    types: ClassVar[frozenset[str]] = signatures.XML_KINDS | {"text/html", signatures.HTA, "image/svg+xml", SCRIPT}

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        is_script = artifact.type == SCRIPT
        if not is_script and not worth_reading(artifact.data):
            return
        page, limit = _Page(), None
        try:
            for text in markup.readings(artifact.data):
                yield from page.read_script(text) if is_script else page.read(text)
            yield from page.folded()
        except LimitExceeded as error:
            limit = error
        if not is_script:  # outside of a page, scripts save what they like
            yield from page.findings()
        if limit := limit or page.limit:
            raise limit


def worth_reading(data: bytes) -> bool:
    """A page without scripts and data: URLs is left alone, at the price of a few searches."""
    if b"\0" in data:
        return True
    lower = data.translate(_LOWER, _UNNEEDED)
    return (
        b"data:" in lower
        or (b"script" in lower and _AS_SCRIPT.search(lower) is not None)
        or _CALL.search(lower) is not None
        or _ENTITY.search(lower) is not None
        or b"+adw" in lower[:4096]
        or b"utf7" in lower[:4096]
    )


class _Page:
    def __init__(self) -> None:
        self.limit: LimitExceeded | None = None
        self._folder = Folder()
        self._code: list[str] = []  # all scripts
        self._urls_seen: set[int] = set()  # hashes; those of a text and of its bytes are equal, so there are two sets
        self._seen: set[int] = set()
        self._members = 0
        self._types: set[str] = set()  # of what scripts build or save

    # ------------------------------------------------------------------------ markup

    def read(self, text: str) -> Iterator[Member]:
        at, outside = 0, []
        for start, stop in markup.scripts(text):
            outside.append((at, start))
            self._fold(text[start:stop])
            at = stop
        outside.append((at, len(text)))
        entities = _ENTITY.search(text.lower().encode("utf-8", "replace")) is not None
        for start, stop in outside:
            yield from self._outside(text, start, stop, entities=entities)
        if any(hint in code for code in self._code for hint in _HINTS):
            for start, stop in outside:
                for run in _RUN.finditer(text, start, stop):
                    yield from self._guessed(run[0])

    def read_script(self, text: str) -> Iterator[Member]:
        self._fold(text)
        return iter(())

    def _outside(self, text: str, start: int, stop: int, *, entities: bool) -> Iterator[Member]:
        """Markup between two scripts: attributes first, then what stands in style sheets and text."""
        rest, at = [], start
        for attribute in markup.attributes(text, start, stop):
            if len(attribute.value) > 8 and (yield from self._attribute(text, attribute, entities=entities)):
                rest.append((at, attribute.start))
                at = attribute.stop
        for begin, end in (*rest, (at, stop)):
            for url in literal.urls(text, begin, end):
                yield from self._url(url)

    def _attribute(self, text: str, attribute: markup.Attribute, *, entities: bool) -> Generator[Member, None, bool]:
        """True when it has held a data: URL."""
        value = attribute.value
        lower = value.lower()
        marked = "data:" in lower or "script:" in lower
        if "&" in value and (entities or marked or "&lt;" in lower or "(" in value):
            value = markup.entities_decoded(value)
            lower = value.lower()
        if "\n" in value or "\t" in value or "\r" in value:
            lower = lower.translate(literal.CUT)
        held = "data:" in lower
        if held:
            yield from self._urls(text, attribute, value)
        if "(" not in value and "<" not in value:
            return held
        name = markup.name_of(text, attribute)
        if name.endswith("srcdoc"):
            yield from self._member(value.encode("utf-8", "replace"), ("srcdoc.html",), "text/html")
        elif "script:" in lower[:32]:
            self._fold(literal.unpercent(value.encode("utf-8", "replace")).decode("utf-8", "replace"))
        elif name.startswith("on"):
            self._fold(value)
        return held

    def _urls(self, text: str, attribute: markup.Attribute, value: str) -> Iterator[Member]:
        url = literal.whole_url(value)
        if url is None or markup.name_of(text, attribute).endswith("srcset"):
            for each in literal.urls(value.translate(literal.CUT)):
                yield from self._url(each)
            return
        name = markup.download_name(text, attribute.start, attribute.stop)
        yield from self._url(url, name)

    def _url(self, url: literal.DataUrl, name: str = "") -> Iterator[Member]:
        key = hash(url.payload)
        if key in self._urls_seen or not url.payload:
            return
        self._urls_seen.add(key)
        names = (name,) if name else tuple(filter(None, (_NAMED.get(url.media_type),)))
        data = url.data()
        if _NAMED.get(url.media_type) == "script.js":
            self._fold(data.decode("utf-8", "replace"))
        if name and data:
            self._types.add(identify(data, names))
        yield from self._member(data, names, url.media_type)

    def _member(self, data: bytes, names: tuple[str, ...] = (), declared: str = "") -> Iterator[Member]:
        key = hash(data)
        if not data or key in self._seen:
            return
        self._seen.add(key)
        self._members += 1
        if self._members > MEMBERS:
            raise LimitExceeded("members", f"more than {MEMBERS} files in one page")
        yield Member(names, [data], declared)

    # ------------------------------------------------------------------------ scripts

    def _fold(self, script: str) -> None:
        self._code.append(script)
        try:
            self._folder.feed(script)
        except LimitExceeded as error:
            self.limit = self.limit or error

    def folded(self) -> Iterator[Member]:
        """What the scripts have built, and what scripts in their strings build."""
        built, at, level = self._folder.account.built, 0, 0
        while level < _LEVELS:
            self.limit = self._folder.finish() or self.limit
            if at == len(built):
                return
            stop, scripts = len(built), len(self._code)
            for each in built[at:stop]:
                before = self._members
                yield from self._built(each)
                for part in each.parts if self._members == before else ():
                    yield from self._built(Built(part, each.decoded))
                if each.decoded and any(hint in each.text for hint in _HINTS):
                    self._fold(each.text)
            at, level = stop, level + (len(self._code) > scripts)

    def _built(self, built: Built) -> Iterator[Member]:
        if built.decoded or built.sink:
            data = literal.as_bytes(built.text)
            if built.sink or self._recognised(data, SHORTEST):
                yield from self._file(data)
        if "data:" in built.text.lower():
            for url in literal.urls(built.text):
                self._types.add(identify(url.data()))
                yield from self._url(url, self._name())
        yield from self._guessed(built.text)

    def _guessed(self, text: str) -> Iterator[Member]:
        waiting = [text]
        for _ in range(_LEVELS):  # base64 in base64
            if not waiting:
                return
            for data in literal.guesses(waiting.pop()):
                if self._recognised(data, SHORTEST_GUESS):
                    yield from self._file(data)
                    if literal.is_text(data):
                        waiting.append(data.decode("utf-8", "replace"))

    def _recognised(self, data: bytes, shortest: int) -> bool:
        kind = identify(data)
        if kind in signatures.TEXTS or kind == signatures.MAIL:
            return len(data) >= shortest and literal.is_text(data)
        return kind != signatures.OCTETS

    def _file(self, data: bytes) -> Iterator[Member]:
        names = (self._name(),) if self._name() else ()
        kind = identify(data, names)
        self._types.add(kind)
        if not names and b"<" in data and kind == "text/plain":  # written into the page
            names = ("page.html",)
        yield from self._member(data, names)

    def _name(self) -> str:
        names = self._folder.account.names
        return names[0] if names else ""

    def findings(self) -> Iterator[Finding]:
        """MEDIUM for a file that a script builds and saves, HIGH when it is known and dangerous."""
        code = _LONG.sub("", "\n".join((*self._code, *(f'".{word}"' for word in self._folder.words[:1000]))))
        dangerous = sorted(self._types & _DANGEROUS)
        if dangerous and _BUILDS.search(code):
            started = any(word in code for word in _TRIGGERS)
        else:
            started = bool(dangerous and _DOWNLOAD.search(code) and ".click" in code)
        if started or _saves(code):
            severity = Severity.HIGH if dangerous else Severity.MEDIUM
            evidence = (
                "a script builds a file and saves it",
                *dangerous,
                *map(one_line, self._folder.account.names[:4]),
            )
            yield Finding("unpack", "html.smuggling", Kind.SCRIPT, severity, evidence=evidence[:16])


def _saves(code: str) -> bool:
    """Whether a file is built and saved in one place."""
    if not _BUILDS.search(code):
        return False
    if len(code) < _SMALL:
        return bool(_SAVES.search(code) or _DOWNLOAD.search(code))
    places = sorted(
        [(found.start(), False) for found in _BUILDS.finditer(code)]
        + [(found.start(), True) for pattern in (_SAVES, _DOWNLOAD) for found in pattern.finditer(code)]
    )
    before = {False: -_NEAR * 2, True: -_NEAR * 2}
    for at, saves in places:
        if at - before[not saves] < _NEAR:
            return True
        before[saves] = at
    return False
