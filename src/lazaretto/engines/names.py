"""The engine that asks whether a thing is what it is called: names made to deceive, and types that contradict them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import ClassVar

from lazaretto.filetypes import catalogue
from lazaretto.filetypes.catalogue import RUNNABLE, Family, families_of, suffix
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Engine

# What turns the direction of writing: U+202E shows "exe.fdp" as "pdf.exe".  Marks (U+200E, U+200F) and isolates stand
# in honest names of languages that are written from the right.
_OVERRIDES = frozenset("\u202d\u202e")
_EMBEDDINGS = frozenset("\u202a\u202b")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_BLANKS = r" .\t_\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\u3164\u2800"
_PADDED = re.compile(rf"[{_BLANKS}]{{10}}[{_BLANKS}]*+\.?[^\W_]{{1,20}}[{_BLANKS}]*\Z")
_INNER = re.compile(r"\.([a-z0-9]{2,5})[\s._\u00a0-]*\.[^.]+[\s.]*\Z", re.IGNORECASE)
# Extensions that make a name look like something to read or to look at.
_READABLE = frozenset(
    {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "rtf", "odt", "ods", "csv", "txt", "htm", "html", "xml"}
    | {"jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp3", "mp4", "avi", "wav", "mov", "zip", "rar", "eml", "msg"}
)
# Letters that look like those of ASCII (Unicode Technical Standard 39, confusables.txt): those that extensions have.
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝмтвкнгпАВЕКМНОРСТХІЈЅаοαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧıⅼ",
    "aeopcyxijshdqwmtbkhrnabekmhopctxijsaoaeikvoptuxabezhikmnoptyxil",
)
_END = 500  # characters of a name in which its extensions are looked for
_ACTIVE = frozenset({Family.PROGRAM, Family.SCRIPT, Family.INSTALLER, Family.SHORTCUT})
_HARMLESS = frozenset({Family.DOCUMENT, Family.PICTURE, Family.MEDIA})
# Texts of these kinds are told by signs, and what they hold under a picture's name nothing runs by opening it.
_PRECISE = frozenset({Family.PROGRAM, Family.INSTALLER, Family.SHORTCUT})
# What is run as text, by programs that mind little what stands in front.
_INTERPRETED = frozenset({"js", "jse", "vbs", "vbe", "wsf", "wsc", "sct", "hta", "bat", "cmd", "ps1"})
_MAILS = frozenset({"message/rfc822", "application/mbox"})
_GENERAL = frozenset({"application/octet-stream", "text/plain", "text/xml", "application/x-ole-storage"})


class Names(Engine):
    """Deceiving names, and what a file is against what it is called. Reads no more than its type, declared type and
    names."""

    name: ClassVar[str] = "names"

    def inspect(self, artifact: Artifact) -> Iterable[Finding]:
        found: dict[str, Finding] = {}  # the worst of each, whichever of its names it is about
        for finding in self._all(artifact):
            if finding.name not in found or finding.severity > found[finding.name].severity:
                found[finding.name] = finding
        return found.values()

    def _all(self, artifact: Artifact) -> Iterator[Finding]:
        for name in artifact.names:
            for what, severity in _deceptions(name):
                yield self._finding(what, severity, one_line(name))
        if artifact.data:
            for what, severity, said in _contradictions(artifact):
                yield self._finding(what, severity, said)

    def _finding(self, what: str, severity: Severity, said: str) -> Finding:
        kind = Kind.AMBIGUOUS if what in ("name.control", "type.mismatch") else Kind.CONTENT
        return Finding(self.name, what, kind, severity, evidence=(said,))


def _deceptions(name: str) -> Iterator[tuple[str, Severity]]:
    """By the name alone.  HIGH is what runs when it is opened and says that it is something else; LOW what only
    deceives."""
    last = suffix(name)
    runs = last in RUNNABLE
    characters = set(name)
    if characters & _OVERRIDES:
        yield "name.rtlo", Severity.HIGH if runs else Severity.MEDIUM
    elif characters & _EMBEDDINGS:
        yield "name.rtlo", Severity.HIGH if runs else Severity.INFORMATIONAL
    if _CONTROL.search(name):  # a NUL ends the name for programs written in C
        yield "name.control", Severity.MEDIUM if "\0" in name or runs else Severity.INFORMATIONAL
    end = name[-_END:]
    if _PADDED.search(end):
        yield "name.padded", Severity.HIGH if runs else Severity.INFORMATIONAL
    inner = _INNER.search(end)
    if runs and inner and inner[1].lower() in _READABLE:
        yield "name.double-extension", Severity.HIGH
    if last and not last.isascii():
        shown = unicodedata.normalize("NFKC", last).translate(_ALIKE)
        if shown in RUNNABLE or shown in _READABLE:
            # Windows runs none of these; whoever writes them wants a rule about names to overlook it.
            yield "name.lookalike", Severity.MEDIUM


def _contradictions(artifact: Artifact) -> Iterator[tuple[str, Severity, str]]:
    known = catalogue.TYPES.get(artifact.type)
    if known is None:
        return
    last = suffix(artifact.name)
    types = catalogue.BY_EXTENSION.get(last, frozenset())
    honest = artifact.type in types or last in RUNNABLE
    called = families_of(last)
    declared = catalogue.TYPES.get(artifact.declared)
    if known.family in _ACTIVE:
        if not honest and called and called <= _HARMLESS:
            severity = Severity.HIGH if known.family in _PRECISE else Severity.MEDIUM
            yield "type.disguised", severity, f"{artifact.type} called {one_line(artifact.name)!r}"
            return
        # Nimda's sound: old programs opened a part by its declared type, then ran it by its content.
        if declared and declared.family in _HARMLESS and declared.type not in types and known.family in _PRECISE:
            yield "type.disguised", Severity.MEDIUM, f"{artifact.type} declared as {artifact.declared}"
            return
    # Interpreters read over what they do not understand: "GIF89a" is a name in JScript and a mistake in a batch file.
    if last in _INTERPRETED and (known.family in _HARMLESS or known.type == "application/octet-stream"):
        yield "type.disguised", Severity.MEDIUM, f"{artifact.type} called {one_line(artifact.name)!r}, which is run"
        return
    if artifact.type in _GENERAL or "application/octet-stream" in types:
        return
    if types and not honest and not _is_text(known.type, types):
        yield "type.mismatch", Severity.INFORMATIONAL, f"{artifact.type} called {one_line(artifact.name)!r}"
    elif declared and _differ(known, declared):
        yield "type.mismatch", Severity.INFORMATIONAL, f"{artifact.type} declared as {artifact.declared}"


def _differ(known: catalogue.Known, declared: catalogue.Known) -> bool:
    """In more than the kind of document, picture or text."""
    general = declared.type in _GENERAL or _is_text(known.type, {declared.type})
    return declared.family is not known.family and not general


def _is_text(one: str, others: Iterable[str]) -> bool:
    """Kinds of text are told apart by names as well: that they differ says nothing."""
    kinds = catalogue.TEXTS | _MAILS
    return one in kinds and any(other in kinds for other in others)
