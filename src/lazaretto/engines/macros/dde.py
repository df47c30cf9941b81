"""DDE: fields of Word and links of Excel that start programs without any macro."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lazaretto.mime import elements
from lazaretto.model import Finding, Kind, Severity, one_line
from lazaretto.office.compound import Compound

_FIELD = re.compile(r"^[\s\"\u201c]*(ddeauto|dde)\b(.*)", re.IGNORECASE | re.DOTALL)
_QUOTE = re.compile(r"^\s*quote\s+([\s\d\"]+)$", re.IGNORECASE)
_BEGINS = re.compile(r"\x13[ \"]{0,9}(ddeauto|dde)[ \"\x13]([^\x13\x14\x15]{0,400})", re.IGNORECASE)
_RTF = re.compile(rb"\\fldinst")
_RTF_MARKS = re.compile(rb"\\\*|\\'[0-9a-f]{2}|\\[a-z]{1,32}-?\d{0,10} ?|[{}\r\n]")
# What a cell of a text file says: =cmd|'/c calc'!A0, behind any arithmetic that spreadsheets take.
_CELL = re.compile(
    r"(?:^|[,;\t\"])[ \t]*[=+@-][^|\r\n,;\t]{0,80}?([A-Za-z][\w.:\\]{1,80})\|([^!\r\n]{1,400})!", re.MULTILINE
)
# Services that nobody has in a table by chance, and what shows that a program is meant.
_SERVICES = ("cmd", "powershell", "mshta", "rundll32", "regsvr32", "wscript", "cscript", "certutil", "msexcel")
_PROGRAMS = (*_SERVICES, "bitsadmin", "msiexec", "schtasks", "wmic", ".exe", "forfiles", "bash")
_NESTED = 64
_SHOWN = 8
_WINDOW = 2_000


def finding(commands: list[str]) -> Iterator[Finding]:
    if commands:
        is_program = any(word in command.lower() for command in commands for word in _PROGRAMS)
        severity = Severity.HIGH if is_program else Severity.MEDIUM
        shown = tuple(one_line(" ".join(each.split()), 200) for each in list(dict.fromkeys(commands))[:_SHOWN])
        yield Finding("macros", "document.dde", Kind.MACRO, severity, evidence=shown, confidence=95)


def word_xml(text: str) -> list[str]:
    """Instructions of fields (ECMA-376 part 1, 17.16), which may be split over any number of runs and have fields in
    them that give parts of them."""
    found: list[str] = []
    open_: list[list[str]] = []
    loose: list[str] = []
    for each in elements.named(text, "fldChar", "instrText", "delInstrText", "fldSimple"):
        if each.name == "fldsimple":
            _take(found, each.attributes.get("instr", ""))
        elif each.name != "fldchar":
            piece = html.unescape(each.text)
            loose.append(piece)
            if open_:
                open_[-1].append(piece)
        else:
            _mark(each.attributes.get("fldchartype", ""), open_, found)
    for each_open in open_:  # never closed
        _take(found, "".join(each_open))
    if not found and "dde" in (whole := "".join(loose)).lower():
        _take(found, whole)
    return found


def _mark(kind: str, open_: list[list[str]], found: list[str]) -> None:
    if kind == "begin" and len(open_) < _NESTED:
        open_.append([])
    elif kind == "end" and open_:
        instruction = "".join(open_.pop())
        _take(found, instruction)
        if open_:
            quoted = _QUOTE.match(instruction)
            numbers = quoted[1].replace('"', " ").split() if quoted else []
            open_[-1].append("".join(chr(int(each)) for each in numbers if len(each) < 6))


def _take(found: list[str], instruction: str) -> None:
    if match := _FIELD.match(instruction):
        found.append(match[1].upper() + match[2])


def word_binary(file: Compound) -> list[str]:
    """[MS-DOC] 2.8.25: a field begins with U+0013 in the text, which has one byte or two for each character."""
    entry = file.find("WordDocument")
    data = file.read(entry) if entry else b""
    found = []
    for text in (data.decode("latin-1"), *(data[at:].decode("utf-16-le", "replace") for at in (0, 1))):
        found += [match[1].upper() + " " + match[2] for match in _BEGINS.finditer(text)]
    return found


def excel_xml(text: str) -> list[str]:
    """ECMA-376 part 1, 18.14.3."""
    found = []
    for each in elements.named(text, "ddeLink"):
        attributes = each.attributes
        found.append(f"{attributes.get('ddeservice', '')}|{attributes.get('ddetopic', '')}")
    return found


def excel_binary_part(data: bytes) -> list[str]:
    """[MS-XLSB] 2.4.181 BrtBeginSupBook: of type 1 it is a DDE link, its two strings are service and topic."""
    at = 3 if len(data) > 2 and data[2] < 128 else 4
    if data[at : at + 2] != b"\1\0":
        return []
    at += 2
    strings = []
    for _ in range(2):
        size = int.from_bytes(data[at : at + 4], "little")
        strings.append(data[at + 4 : at + 4 + 2 * min(size, 4096)].decode("utf-16-le", "replace"))
        at += 4 + 2 * size
    return ["|".join(strings)]


def rtf(data: bytes) -> list[str]:
    found: list[str] = []
    for match in _RTF.finditer(data):
        text = _RTF_MARKS.sub(b"", data[match.end() : match.end() + _WINDOW].partition(b"\\fldrslt")[0])
        _take(found, text.decode("latin-1").replace("\\\\", "\\")[:400])
        if len(found) >= _SHOWN:
            break
    return found


def cells(text: str, *, strict: bool) -> list[str]:
    """``strict``: only with a program's name as the service, in a text of which nobody says that it is a table."""
    if "|" not in text:
        return []
    found = []
    for match in _CELL.finditer(text):
        if not strict or match[1].lower().rpartition("\\")[2].startswith(_SERVICES):
            found.append(f"{match[1]}|{match[2]}")
    return found
