"""What the parts of an Office Open XML document say about its other parts, and about what lies outside (ECMA-376 part
2, OPC).  The parts themselves come out of the zip, or stand in one XML file ("flat OPC")."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import LimitExceeded
from lazaretto.mime import elements
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.office.links import Place, place
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import XML_KINDS

_LONGEST = 64 * 2**20  # bytes of a part that is read
_SHOWN = 16  # lines of evidence
# Relations by what a reader does with their target; names are the last word of their type, in lower case.
_LOADS = frozenset(  # opens it as a document or program
    {"attachedtemplate", "oleobject", "frame", "subdocument", "afchunk", "package", "control", "activexcontrol"}
    | {"vbaproject", "officedocument", "slidemaster", "slide", "extensibility"}
)
_SHOWS = frozenset({"image", "media", "audio", "video", "externallinkpath", "mailmergesource", "mailmergeheadersource"})
_INSIDE = {"extensibility": "ooxml.customui", "afchunk": "ooxml.altchunk"}  # noted when the part is in the document
# Types of parts that hold code, and the endings that honest writers give them.
_CODE = {"vbaproject": (".bin",), "activex": (".bin", ".xml"), "oleobject": (".bin",)}


class Ooxml(Unpacker):
    """Findings only."""

    name: ClassVar[str] = "ooxml"
    types: ClassVar[frozenset[str]] = XML_KINDS

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        root = elements.root(artifact.data)
        if root is None or root.name not in ("relationships", "types", "package"):
            return
        if len(artifact.data) > _LONGEST:
            raise LimitExceeded("xml", f"a part of more than {_LONGEST} bytes")
        text = elements.document(artifact.data)
        if root.name != "types":
            yield from _relations(text)
        else:
            yield from _content_types(text)


def _relations(text: str) -> Iterator[Finding]:
    found: dict[tuple[str, Severity], list[str]] = defaultdict(list)
    for each in elements.named(text, "Relationship"):
        attributes = each.attributes
        target, kind = attributes.get("target", ""), attributes.get("type", "").rstrip("/").rpartition("/")[2].lower()
        where = place(target)
        # A target with a scheme is outside whatever its mode says.
        if where is Place.INSIDE and attributes.get("targetmode", "").lower() != "external":
            if kind in _INSIDE:
                found[_INSIDE[kind], Severity.INFORMATIONAL].append(one_line(target))
        elif (severity := _severity(kind, where)) is not None:
            found["ooxml.external", severity].append(f"{one_line(kind, 40)}: {one_line(target, 200)}")
    for (name, severity), lines in found.items():
        kind_ = Kind.SCRIPT if severity >= Severity.MEDIUM else Kind.CONTENT
        yield Finding("unpack", name, kind_, severity, evidence=_shown(lines))


def _severity(kind: str, where: Place) -> Severity | None:
    """None: nothing is loaded before somebody clicks, or nothing from elsewhere."""
    if kind in _LOADS:
        if where is Place.HANDLER:  # "mhtml:http://...!x-usc:..." is how CVE-2021-40444 and others begin
            return Severity.HIGH
        return Severity.MEDIUM if where in (Place.REMOTE, Place.SHARE) else Severity.INFORMATIONAL
    if kind in _SHOWS:
        return Severity.LOW if where is Place.SHARE and kind == "image" else Severity.INFORMATIONAL
    return None


def _content_types(text: str) -> Iterator[Finding]:
    """Part 2, 7.2.3: each part and each ending has one type."""
    types: dict[str, str] = {}
    odd: list[str] = []
    main: dict[str, str] = {}
    for each in elements.named(text, "Default", "Override"):
        attributes = each.attributes
        kind = attributes.get("contenttype", "").strip().lower()
        part = attributes.get("partname", "").lower()
        key = part or "." + attributes.get("extension", "").lower()
        if types.setdefault(key, kind) != kind:
            odd.append(f"{one_line(key)} is {one_line(types[key])} and {one_line(kind)}")
        for word, endings in _CODE.items():
            if f".{word}" in kind and not key.endswith(endings):
                odd.append(f"{one_line(key)} is {one_line(kind)}")
        if part and kind.endswith(("main+xml", ".main")):
            main[kind] = part
    if len(main) > 1 and len({_family(kind) for kind in main}) < len(main):
        odd.append("several main parts: " + ", ".join(one_line(part) for part in main.values()))
    if odd:
        yield Finding("unpack", "ooxml.contradiction", Kind.AMBIGUOUS, Severity.MEDIUM, evidence=_shown(odd))


def _family(kind: str) -> str:
    return next((word for word in ("word", "sheet", "presentation", "slide", "visio") if word in kind), kind)


def _shown(lines: list[str]) -> tuple[str, ...]:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return (*lines[:_SHOWN], *more)
