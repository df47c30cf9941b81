"""What a document or delivery has in it that runs when somebody opens it."""

from __future__ import annotations

import re

from lazaretto.engines.documents import pdf
from lazaretto.engines.documents.cases import ARCHIVE, DELIVERY, HELP, IMAGE, PDF, Case, Cases
from lazaretto.engines.documents.grade import Signs
from lazaretto.filetypes.catalogue import Family, suffix, types_in
from lazaretto.model import Artifact

_FLASH = "application/vnd.adobe.flash.movie"
_PROGRAMS = (types_in(Family.PROGRAM, Family.INSTALLER) - types_in(Family.SHORTCUT)) - {
    _FLASH,
    "application/wasm",
    "application/x-lua-bytecode",
    "application/x-llvm",
    "application/x-dosexec",
}
_LINKS = frozenset({"application/x-ms-shortcut", "application/x-ms-settingcontent", "application/x-ms-library"})
_SCRIPTS = frozenset({"application/hta", "text/x-windows-script"})
# A text of these names is run by what opens it, whatever it looks like.
_ENDINGS = {
    **dict.fromkeys(("exe", "com", "scr", "pif", "msi", "msp", "cpl", "jar", "xll", "wll", "dll", "ocx"), "program"),
    **dict.fromkeys(("js", "jse", "vb", "vbs", "vbe", "ws", "wsf", "wsh", "wsc", "sct", "hta", "chm"), "script"),
    **dict.fromkeys(("ps1", "msh", "bat", "cmd", "reg", "inf"), "script"),
    **dict.fromkeys(("lnk", "settingcontent-ms", "library-ms", "search-ms", "scf"), "shortcut"),
}
_TURNED = frozenset("\u202a\u202b\u202d\u202e")
_TWO = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|htm|html|csv)[ ._\u00a0]*\.\w{2,5}\Z", re.IGNORECASE
)
# Pages of a help file have scripts as those of the web have; discs have autorun.inf, and those with drivers many more.
_USUAL = {HELP: ("js", "inf"), IMAGE: ("inf",)}
_GRADED = (".suspicious", ".malicious")
_JUDGES = frozenset({"macros", "scripts", "documents"})


def what(artifact: Artifact) -> str:
    """ "program", "script" or "shortcut"; "" for everything else."""
    if artifact.type in _PROGRAMS:
        return "program"
    if artifact.type in _LINKS:
        return "shortcut"
    if artifact.type in _SCRIPTS:
        return "script"
    if not artifact.data:
        return ""
    # A page that was saved is called after its site: example.com.
    endings = {suffix(name) for name in artifact.names} - ({"com"} if artifact.type.startswith("text/") else set())
    return next((found for end in sorted(endings) if (found := _ENDINGS.get(end, ""))), "")


def look(case: Case, cases: Cases, signs: Signs) -> None:
    if case.locked:
        signs.add("carry.locked", "")
        _macros(case, cases, signs)
    if case.form == DELIVERY:
        return
    prefix = "deliver" if case.form in (IMAGE, HELP, ARCHIVE) else "carry"
    seen: set[str] = set()
    beside = {part.path for part in case.parts}
    for part in _files(case):
        kind = what(part)
        if suffix(part.name) in _USUAL.get(case.form, ()):
            continue
        if kind:
            seen.add(kind)
            signs.add(f"{prefix}.{kind}", case.where(part))
            if any(_TWO.search(name[-200:]) or _TURNED & set(name) for name in part.names):
                signs.add("carry.disguised", case.where(part))
    if prefix == "deliver" and "shortcut" in seen and len(seen) > 1:
        signs.add("deliver.beside", "")
    for inner in case.inner:
        if prefix == "carry" and not case.locked and inner.path not in beside:  # what was locked is one itself
            signs.add("carry.document", case.where(inner), inner.type)
        for finding in cases.said.get(inner.path, ()):
            if finding.source in _JUDGES and finding.name.endswith(_GRADED):
                signs.add("carry.bad", case.where(inner), finding.name)


def _files(case: Case) -> list[Artifact]:
    """Those that a reader of the document can open: not what unpackers took out of these, nor scripts of a PDF."""
    if case.form == PDF:
        return [part for part in case.parts if not pdf.is_script(part)]
    outer = {part.path for part in case.parts if what(part)}
    return [part for part in case.parts if part.parent not in outer]


def _macros(case: Case, cases: Cases, signs: Signs) -> None:
    inside = f"{case.artifact.path}!"
    for path, name in cases.macros:
        if path == case.artifact.path or path.startswith(inside):
            signs.add("carry.macros", path[len(inside) :], name)
