"""The engine that reads macros."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.engines.macros import actions, around, dde, vba, weights, xlm
from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.packages import Package
from lazaretto.engines.macros.signs import Signs
from lazaretto.errors import HostileInput
from lazaretto.mime import elements
from lazaretto.model import Artifact, Finding, one_line
from lazaretto.office import biff, biff12, kinds
from lazaretto.office.compound import Compound
from lazaretto.plugin import Engine

_TEXTS = frozenset({"text/plain", "text/csv", "text/tab-separated-values", "application/x-sylk"})
_XML = frozenset({"text/xml", "application/vnd.oasis.opendocument.text-flat-xml"}) | {
    f"application/vnd.ms-{kind}" for kind in ("wordml", "word2006ml", "spreadsheetml")
}
_PACKAGES = frozenset(
    f"application/{kind}"
    for kind in (
        "vnd.openxmlformats-officedocument.wordprocessingml.document",
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "vnd.openxmlformats-officedocument.presentationml.presentation",
        *(f"vnd.ms-{each}.macroenabled.12" for each in ("word.document", "excel.sheet", "excel.sheet.binary")),
        *(f"vnd.ms-{each}.macroenabled.12" for each in ("powerpoint.presentation", "visio.drawing")),
        *(f"vnd.oasis.opendocument.{each}" for each in ("text", "spreadsheet", "presentation", "graphics", "database")),
        *(f"vnd.oasis.opendocument.{each}-template" for each in ("text", "spreadsheet", "presentation", "graphics")),
    )
)
_SLIDES = frozenset({"sld", "sldlayout", "sldmaster"})
_OCTETS, _RTF = "application/octet-stream", "application/rtf"
_LINK = b"\xe8\x02"  # BrtBeginSupBook, the first record of a part of links
_LONGEST = 1 << 26  # bytes of XML or text
_TABLE = 1 << 22


class Macros(Engine):
    """One graded finding for each macro project: present, suspicious or malicious, with the reasons by module and
    line.  Nothing is run."""

    name: ClassVar[str] = "macros"
    by_name: ClassVar[bool] = False
    types: ClassVar[frozenset[str]] = kinds.TYPES | _PACKAGES | _TEXTS | _XML | {_OCTETS, _RTF}

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._weights = weights.load()
        self._known: dict[str, list[vba.Judged]] = {}  # projects of the package that was read last

    @staticmethod
    def signs() -> Signs:
        """For whoever explains a finding."""
        return Signs(weights.load())

    def inspect(self, artifact: Artifact) -> Iterator[Finding]:
        data = artifact.data
        if artifact.type in kinds.TYPES:
            yield from self._compound(artifact)
        elif artifact.type in _PACKAGES:
            self._known.clear()
            yield from Package(data, self._weights, self._known).findings()
        elif artifact.type in _XML:
            yield from self._xml(data)
        elif artifact.type == _RTF:
            yield from dde.finding(dde.rtf(data))
        elif artifact.type == _OCTETS:
            if data.startswith(_LINK):
                yield from dde.finding(dde.excel_binary_part(data))
            elif data.startswith(biff12.START):
                yield from xlm.binary_sheet(biff12.cells(data), self._weights)
        else:
            yield from self._text(data, is_table=artifact.type != "text/plain")

    def _compound(self, artifact: Artifact) -> Iterator[Finding]:
        try:
            file = Compound(artifact.data)
        except HostileInput:  # its unpacker has said so
            return
        for each in self._known.pop(artifact.sha256, None) or vba.judged(file, self._weights):
            yield from vba.findings(vba.within(each, lambda: around.compound(file, self._weights)))
        yield from actions.presentation(file)
        try:
            commands = dde.word_binary(file)
            for name in ("Workbook", "Book"):
                if entry := file.find(name):
                    book = biff.read(file.read(entry))
                    yield from xlm.workbook(book, self._weights)
                    commands += [f"{service}|{topic}" for service, topic in book.links]
        except HostileInput as error:
            yield xlm.limit(str(error))
            return
        yield from dde.finding(commands)

    def _xml(self, data: bytes) -> Iterator[Finding]:
        root = elements.root(data)
        if root is None:
            return
        if not _is_of_interest(root, data):
            return
        if len(data) > _LONGEST:
            yield xlm.limit(f"XML of more than {_LONGEST} bytes")
            return
        text = elements.document(data)
        if root.name == "macrosheet":
            yield from xlm.package_sheet(text, self._weights)
        elif root.name == "module":
            yield from self._module(text, root)
        elif root.name == "externallink":
            yield from dde.finding(dde.excel_xml(text))
        elif root.name == "relationships":
            yield from actions.relations(text)
        elif root.name in _SLIDES:
            yield from actions.slide(text)
        else:
            yield from dde.finding(dde.word_xml(text))

    def _module(self, text: str, root: elements.Element) -> Iterator[Finding]:
        """OpenDocument 1.3 part 3, 3.12: Basic in a part of its own."""
        attributes = root.attributes
        if "basic" not in attributes.get("language", "").lower():
            return
        end = text.rfind("</")
        source = html.unescape(text[root.end : end if end > root.end else len(text)])
        signs = Signs(self._weights)
        basic = Basic(signs)
        basic.read(one_line(attributes.get("name", "module"), 40), source)
        basic.finish()
        if not basic.lines:
            return
        if signs.do("execute", "inject"):
            signs.add("autorun.elsewhere", "")
        yield signs.finding("macro.basic", f"{basic.lines} lines of {attributes.get('language')}")
        if basic.exhausted:
            yield xlm.limit("more code or text than is looked at")

    def _text(self, data: bytes, *, is_table: bool) -> Iterator[Finding]:
        is_sylk = data.startswith(b"ID;")
        if not is_sylk and b"|" not in data:
            return
        if len(data) > _TABLE and (is_table or is_sylk):
            yield xlm.limit(f"a table of more than {_TABLE} bytes")
        text = data[:_TABLE].decode("utf-8", "replace")
        if is_sylk:
            yield from xlm.sylk(text, self._weights)
        yield from dde.finding(dde.cells(text, strict=not (is_table or is_sylk)))


def _is_of_interest(root: elements.Element, data: bytes) -> bool:
    if root.name in _SLIDES:
        return b"ppaction://" in data
    if root.name == "relationships":
        return b"hyperlink" in data
    return root.name in ("macrosheet", "module", "externallink") or _is_word(root, data)


def _is_word(root: elements.Element, data: bytes) -> bool:
    """A part of a document, or a document in one file; headers and notes may have fields as the body has."""
    names = (
        "document",
        "hdr",
        "ftr",
        "footnotes",
        "endnotes",
        "comments",
        "glossarydocument",
        "package",
        "worddocument",
    )
    return root.name in names and (b"DDE" in data.upper() or b"instr" in data or b"fldChar" in data)
