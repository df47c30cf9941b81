"""What stands around the code of a document: texts that it may read, words that ask the reader to switch it on,
controls, objects and templates that are loaded with it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import Weights
from lazaretto.mime import elements
from lazaretto.office import properties
from lazaretto.office.compound import STORAGE, Compound
from lazaretto.office.links import Place, place
from lazaretto.office.parts import Parts
from lazaretto.office.vba import forms

_TEXT: Final = 1 << 19  # bytes of a document's text in which a lure is looked for: it stands on the first page
_FIELDS: Final = 1 << 22  # bytes of a document's text in which its form fields are looked for
_TAG = re.compile(r"<[^<>]{0,4000}>")
_BLANK = re.compile(r"\s+")
_LOADS = frozenset({"attachedtemplate", "oleobject", "frame", "subdocument", "externallinkpath"})
_SLIDES = 100
_PROPERTIES = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_TABLES = ("0Table", "1Table")
_TEMPLATE = re.compile(r"(?:https?://|\\\\)[^\s\0\"<>]{3,300}\.do[ct][mx]?", re.IGNORECASE)
# Where a document keeps what its reader sees, of Word, Excel and PowerPoint.
_BODIES = ("/word/document.xml", "/xl/sharedstrings.xml", "/xl/drawings/drawing", "/ppt/slides/slide", "/word/header")


@dataclass(slots=True)
class Around:
    signs: list[tuple[str, str, str]] = field(default_factory=list)  # heuristic, place, text
    stored: list[tuple[str, str]] = field(default_factory=list)  # text and where it stands
    named: dict[str, str] = field(default_factory=dict)  # the same by the name that code calls it, in lower case

    def store(self, name: str, text: str, where: str) -> None:
        if text:
            self.named.setdefault(name.lower(), text)
            self.stored.append((text, where))

    def show(self, signs: Signs) -> None:
        for name, where, what in self.signs:
            signs.add(name, where, what)


def lure(text: str, weights: Weights) -> str:
    """The words by which a text asks the reader to switch macros on; "" when it does not."""
    lowered = _BLANK.sub(" ", text.replace("\u2019", "'")).lower()
    return next((words for words in weights.lures if words in lowered), "")


# ---------------------------------------------------------------------------- packages


def package(parts: Parts, weights: Weights) -> Around:
    found = Around()
    for name in parts.like(*_BODIES, ends=".xml")[:_SLIDES]:
        data = parts.read(name, _TEXT)
        if words := lure(_visible(elements.document(data)), weights):
            found.signs.append(("lure.enable", name, words))
            break
    _relations(parts, found)
    if controls := [each for each in parts.like("/activex/") if "rels" not in each]:
        found.signs.append(("bring.activex", controls[0], ""))
    if objects := parts.like("/embeddings/oleobject"):
        found.signs.append(("bring.object", objects[0], ""))
    for name in parts.like("/customui/", ends=".xml"):  # [MS-CUSTOMUI], onLoad: a macro that the ribbon calls at once
        for each in elements.named(parts.text(name), "customUI"):
            if macro := each.attributes.get("onload", ""):
                found.signs.append(("autorun.open", name, macro))
    _actions(parts, found)
    _variables(parts, found)
    return found


def _visible(text: str) -> str:
    """Runs of one paragraph together, paragraphs apart (ECMA-376 part 1, 17.3.1 and 21.1.2.2)."""
    apart = re.sub(r"</(?:[a-z0-9]{1,8}:)?(?:p|si|tab|br)>", " ", text)
    return html.unescape(_TAG.sub("", apart))


def _relations(parts: Parts, found: Around) -> None:
    for name in parts.like("/_rels/", ends=".rels")[:_SLIDES]:
        owner = name.replace("_rels/", "", 1).removesuffix(".rels")
        for each in parts.relations(owner):
            if (
                each.external
                and each.kind in _LOADS
                and place(each.target) in (Place.REMOTE, Place.SHARE, Place.HANDLER)
            ):
                found.signs.append(("bring.template", f"{each.kind} of {owner}", each.target))


def _actions(parts: Parts, found: Around) -> None:
    for name in parts.like("/ppt/slides/slide", "/ppt/slidelayouts/", "/ppt/slidemasters/", ends=".xml")[:_SLIDES]:
        data = parts.read(name)
        if b"ppaction://macro" in data:
            for hovers, macro in macro_actions(elements.document(data)):
                found.signs.append(("autorun.action" if hovers else "see.action", name, macro))


def macro_actions(text: str) -> Iterator[tuple[bool, str]]:
    """ECMA-376 part 1, 21.1.2.3.5 and 20.1.2.2.23: whether it takes no more than the mouse over it, and the macro."""
    for each in elements.named(text, "hlinkClick", "hlinkHover", "hlinkMouseOver"):
        action = each.attributes.get("action", "")
        if action.lower().startswith("ppaction://macro"):
            yield each.name != "hlinkclick", action.partition("name=")[2]


def _variables(parts: Parts, found: Around) -> None:
    """ECMA-376 part 1: docVar among the settings, form fields (17.16.5), properties (section 22)."""
    for name in parts.like("/word/settings.xml"):
        for each in elements.named(parts.text(name), "docVar"):
            found.store(each.attributes.get("name", ""), each.attributes.get("val", ""), "variable of the document")
    for name in parts.like("/docprops/core.xml", "/docprops/app.xml"):
        for each in elements.elements(parts.text(name)):
            if not each.closing and (text := html.unescape(each.text).strip()):
                called = {"creator": "author", "description": "comments"}.get(each.name, each.name)
                found.store(called, text, f"property {called}")
    own = ""
    for name in parts.like("/docprops/custom.xml"):
        for each in elements.elements(parts.text(name)):
            if each.name == "property":
                own = each.attributes.get("name", "")
            elif not each.closing and own and (text := html.unescape(each.text).strip()):
                found.store(own, text, f"property {own}")
    for name in parts.like("/word/document.xml"):
        _fields(elements.document(parts.read(name, _FIELDS)), found)


def _fields(text: str, found: Around) -> None:
    """Form fields with what they hold, and texts that stand beside pictures."""
    called = ""
    for each in elements.named(text, "name", "default", "statusText", "helpText", "docPr", "tag", "alias"):
        given = each.attributes
        if each.name == "name":
            called = given.get("val", "")
        elif each.name == "docpr":
            for key in ("descr", "title"):
                found.store(given.get("name", ""), given.get(key, ""), "text beside a picture")
        else:
            found.store(called or each.name, given.get("val", ""), "form field")


# ---------------------------------------------------------------------------- compound files


def compound(file: Compound, weights: Weights) -> Around:
    found = Around()
    for name in ("WordDocument", "Workbook", "Book", "PowerPoint Document"):
        data = forms.read(file, file.find(name), _TEXT)
        texts = (data.decode("latin-1"), *(data[at:].decode("utf-16-le", "replace") for at in (0, 1))) if data else ()
        if words := next(filter(None, (lure(text, weights) for text in texts)), ""):
            found.signs.append(("lure.enable", name, words))
    for each in file.entries:
        lowered = each.name.lower()
        if lowered == "\x03ocxname" and each.kind != STORAGE:
            found.signs.append(("bring.activex", "/".join(file.path(each)), ""))
        elif lowered == "\x01ole10native" and each.kind != STORAGE:
            found.signs.append(("bring.object", "/".join(file.path(each)), ""))
    for name in _PROPERTIES:
        for called, text in properties.texts(forms.read(file, file.find(name), 1 << 20)).items():
            found.store(called, text, f"property {called}")
    for name in _TABLES:  # [MS-DOC] StwUser: variables of the document, and the template, stand in its table stream
        octets = forms.read(file, file.find(name), 1 << 20)
        found.stored += [(text, "table of the document") for text in forms.runs(octets)]
        if template := _TEMPLATE.search(octets.decode("utf-16-le", "replace")):
            found.signs.append(("bring.template", name, template[0]))
    return found
