"""Actions of PowerPoint that start a program without any macro, by a click or by the mouse over a picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from lazaretto.mime import elements
from lazaretto.model import Finding, Kind, Severity, one_line
from lazaretto.office.compound import Compound
from lazaretto.office.vba import forms

_SHOWN = 8
_LONGEST: Final = 1 << 25  # bytes of a presentation's stream
_ATOM = struct.pack("<HI", 0x0FF3, 16)  # [MS-PPT] InteractiveInfoAtom: type and size
_CONTAINER = 0x0FF2  # InteractiveInfo, whose instance says whether it is the click (0) or the mouse over it (1)
_NAME = 0x0FBA  # MacroNameAtom: the macro or the program
_PROGRAM = 2  # II_RunProgramAction
_TOOLS = frozenset({"powershell", "pwsh", "cmd", "mshta", "rundll32", "regsvr32", "wscript", "cscript", "certutil"})
_TOOLS |= {"bitsadmin", "msiexec", "schtasks", "wmic", "forfiles", "msbuild", "installutil", "bash", "curl"}


def slide(text: str) -> Iterator[Finding]:
    """ECMA-376 part 1, 20.1.2.2.23 and 21.1.2.3.5: what the action names stands in the relations of the slide."""
    found = []
    for each in elements.named(text, "hlinkClick", "hlinkHover", "hlinkMouseOver"):
        if each.attributes.get("action", "").lower().startswith("ppaction://program"):
            found.append((each.name != "hlinkclick", "a program"))
    yield from _finding(found)


def relations(text: str) -> Iterator[Finding]:
    """A link to a program: no browser is asked, the program is started."""
    found = []
    for each in elements.named(text, "Relationship"):
        given = each.attributes
        if given.get("type", "").rstrip("/").lower().endswith("/hyperlink") and is_program(given.get("target", "")):
            found.append(given.get("target", ""))
    if found:
        yield Finding("macros", "document.action", Kind.SCRIPT, Severity.HIGH, evidence=_lines(found), confidence=90)


def is_program(target: str) -> bool:
    """Whether it begins with the name of a program that runs what is told it, whatever folder stands before."""
    target = unquote(target).strip().lower()
    if target.startswith(("http:", "https:", "mailto:", "#", "ftp:")):
        return False
    target = target.removeprefix("file:").replace("\\", "/").lstrip("/")
    first = target.split(" ")[0].rpartition("/")[2].removesuffix(".exe")
    return first in _TOOLS and (target.endswith(".exe") or " " in target or first == target)


def presentation(file: Compound) -> Iterator[Finding]:
    """[MS-PPT]: records are looked for wherever they stand, so that no damage hides any."""
    data = forms.read(file, file.find("PowerPoint Document"), _LONGEST)
    found: list[tuple[bool, str]] = []
    at = data.find(_ATOM)
    while at >= 2 and len(found) < _SHOWN:
        if len(data) > at + 21 and data[at + 14] == _PROGRAM:  # behind six bytes of the record's head, sound and link
            found.append((_hovers(data, at - 2), _name(data, at + 22) or "a program"))
        at = data.find(_ATOM, at + 1)
    yield from _finding(found)


def _hovers(data: bytes, at: int) -> bool:
    instance, kind = struct.unpack_from("<HH", data, at - 8) if at >= 8 else (0, 0)
    return bool(kind == _CONTAINER and instance >> 4 == 1)


def _name(data: bytes, at: int) -> str:
    if at + 8 > len(data):
        return ""
    _, kind, size = struct.unpack_from("<HHI", data, at)
    return data[at + 8 : at + 8 + min(size, 800)].decode("utf-16-le", "replace") if kind == _NAME else ""


def _finding(found: list[tuple[bool, str]]) -> Iterator[Finding]:
    if found:
        tells = any(is_program(what) for _, what in found)
        severity = Severity.HIGH if tells else Severity.MEDIUM
        lines = [f"{'the mouse over it' if hovers else 'a click'} starts {what}" for hovers, what in found]
        yield Finding("macros", "document.action", Kind.SCRIPT, severity, evidence=_lines(lines), confidence=90)


def _lines(found: list[str]) -> tuple[str, ...]:
    return tuple(one_line(each, 200) for each in list(dict.fromkeys(found))[:_SHOWN])
