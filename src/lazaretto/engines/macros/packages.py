"""Macros of packages, seen with the rest of their document: what starts them and what they read stands in other parts.

Each part is judged alone as well.  Here is said only what the whole adds to that.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator
from typing import Final

from lazaretto.engines.macros import around, vba, xlm
from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import Weights
from lazaretto.errors import HostileInput
from lazaretto.mime import elements
from lazaretto.model import Finding, one_line
from lazaretto.office import biff12
from lazaretto.office.biff import Cell
from lazaretto.office.compound import Compound
from lazaretto.office.parts import Parts

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST: Final = 64  # projects, macro sheets or modules of one package
_SHEETS = ("/macrosheets/", "/intlmacrosheets/")
_AUTO = ("auto_open", "auto_activate", "auto_close", "auto_deactivate")
_NO_PROJECTS = ("/embeddings/", "/activex/", "/printersettings/", "/media/", "/worksheets/", "/macrosheets/")
# Names of events in OpenDocument (script:event-listener), and of StarOffice before it.
_LOADS = ("dom:load", "on-load", "onload", "office:new", "dom:unload", "office:load-finished", "office:view-created")
_SOON = frozenset({*_LOADS, "dom:mouseover", "office:print", "office:save", "on-mouse-over", "dom:focus"})


class Package:
    """``judged`` takes what was read of each project, by the hash of its part: nothing is read twice."""

    def __init__(self, data: bytes, weights: Weights, known: dict[str, list[vba.Judged]]) -> None:
        self._weights, self._known = weights, known
        self._parts = Parts(data)

    def findings(self) -> Iterator[Finding]:
        parts = self._parts
        named = list(self._named())
        sheets = list(dict.fromkeys([*parts.like(*_SHEETS), *(name for kind, name in named if kind != "vbaproject")]))
        modules = parts.like("/basic/", ends=".xml")
        projects = [name for name in parts.like("vbaproject", "/", ends=".bin") if self._is_project(name)]
        projects += [name for kind, name in named if kind == "vbaproject" and name not in projects]
        if not (sheets or modules or projects):
            return
        if projects:
            yield from self._projects(projects[:_MOST])
        if sheets := [name for name in sheets if "/_rels/" not in name]:
            yield from self._sheets(sheets[:_MOST])
        if modules:
            yield from self._modules(modules[:_MOST])
        if not parts.complete or max(map(len, (sheets, modules, projects))) > _MOST:
            yield xlm.limit("more parts than are looked at together")

    def _named(self) -> Iterator[tuple[str, str]]:
        """What the main part says is code, whatever it is called ([MS-OFFMACRO2])."""
        for rels in self._parts.like("/_rels/document", "/_rels/workbook", "/_rels/presentation", ends=".rels"):
            owner = rels.replace("_rels/", "", 1).removesuffix(".rels")
            for each in self._parts.relations(owner):
                if each.kind in ("vbaproject", "xlmacrosheet", "xlintlmacrosheet") and not each.external:
                    yield each.kind, self._parts.resolve(owner, each.target)

    def _is_project(self, name: str) -> bool:
        lowered = "/" + name.lower()
        if any(each in lowered for each in _NO_PROJECTS):
            return False
        return "vbaproject" in lowered or self._parts.read(name, len(_OLE)) == _OLE

    # ------------------------------------------------------------------ Visual Basic

    def _projects(self, names: list[str]) -> Iterator[Finding]:
        found: list[around.Around] = []

        def made() -> around.Around:
            if not found:
                found.append(around.package(self._parts, self._weights))
            return found[0]

        for name in names:
            data = self._parts.read(name)
            try:
                every = list(vba.judged(Compound(data), self._weights))
            except HostileInput:
                continue
            self._known[hashlib.sha256(data).hexdigest()] = every
            for each in every:
                if (whole := vba.within(each, made)) is not each:
                    yield from vba.findings(whole)

    # ------------------------------------------------------------------ Excel 4

    def _sheets(self, names: list[str]) -> Iterator[Finding]:
        sheets = xlm.Sheets(self._weights)
        sheets.read(self._book(sheets))
        strings = self._strings()
        for name in names:
            sheets.read(self._cells(name, strings))
        whole = around.package(self._parts, self._weights)
        whole.show(sheets.signs)
        if sheets.count and not sheets.signs.seen.keys().isdisjoint(("autorun.open", "autorun.close", "hide.sheet")):
            yield from sheets.findings(f"{sheets.count} formulas in {len(names)} macro sheets")

    def _cells(self, name: str, strings: list[str]) -> list[Cell]:
        label = name.rpartition("/")[2].partition(".")[0]
        data = self._parts.read(name)
        cells = biff12.cells(data) if data.startswith(biff12.START) else xlm.cells(elements.document(data), strings)
        return [each._replace(sheet=label) for each in cells]

    def _strings(self) -> list[str]:
        """ECMA-376 part 1, 18.4.9: each may be in several runs."""
        found: list[str] = []
        for name in self._parts.like("/sharedstrings.xml"):
            for each in elements.named(self._parts.text(name), "si", "t"):
                if each.name == "si":
                    found.append("")
                elif found:
                    found[-1] += html.unescape(each.text)
        return found

    def _book(self, sheets: xlm.Sheets) -> list[Cell]:
        """ECMA-376 part 1, 18.2.5 and 18.2.19: names, and sheets that nobody sees.  Formulas that names stand for."""
        named: list[Cell] = []
        for name in self._parts.like("/workbook."):
            if name.endswith(".bin"):  # [MS-XLSB] BrtName: its text is enough
                text = self._parts.read(name).replace(b"\0", b"").lower()
                for word in _AUTO:
                    if word.encode() in text:
                        sheets.name(word)
                continue
            macros = {each.id for each in self._parts.relations(name) if each.kind.endswith("macrosheet")}
            for each in elements.named(self._parts.text(name), "definedName", "sheet"):
                given = each.attributes
                if each.name == "definedname":
                    called, meant = given.get("name", ""), html.unescape(each.text)
                    sheets.name(called.removeprefix("_xlnm.").removeprefix("_XLNM."))
                    if "(" in meant or '"' in meant:
                        named.append(Cell("name", called, meant, True))
                elif "hidden" in given.get("state", "").lower() and given.get("id", "") in macros:
                    sheets.signs.add("hide.sheet", given.get("name", ""))
        return named

    # ------------------------------------------------------------------ OpenDocument

    def _modules(self, names: list[str]) -> Iterator[Finding]:
        """Modules are one library, started by what listens in the document itself."""
        starts = self._listens()
        if not starts:
            return
        signs = Signs(self._weights)
        basic = Basic(signs)
        for name in names:
            text = elements.document(self._parts.read(name))
            root = next(elements.elements(text), None)
            if root is not None and root.name == "module" and "basic" in root.attributes.get("language", "").lower():
                end = text.rfind("</")
                source = html.unescape(text[root.end : end if end > root.end else len(text)])
                basic.read(one_line(root.attributes.get("name", "module"), 40), source)
        basic.finish()
        for event, target in starts:
            signs.add("autorun.open", event, target)
        if basic.lines and signs.acts():
            yield signs.finding("macro.basic", f"{basic.lines} lines of Basic in {len(names)} parts")
        if basic.exhausted:
            yield xlm.limit("more code or text than is looked at")

    def _listens(self) -> list[tuple[str, str]]:
        found = []
        for name in self._parts.like("/content.xml", "/settings.xml", "/styles.xml"):
            for each in elements.named(self._parts.text(name), "event-listener", "event"):
                given = each.attributes
                event, target = (
                    given.get("event-name", "").lower(),
                    given.get("href", "") or given.get("macro-name", ""),
                )
                if event in _SOON and target and "language=python" not in target.lower():
                    found.append((event, target))
        return found
