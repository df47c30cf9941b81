"""Workbooks of Excel 5 to 2003 ([MS-XLS]): sheets, names, links and formulas, as far as macros are concerned."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lazaretto.office import formula

_MOST: Final = 2_000_000  # records
_FORMULAS: Final = 30_000
_BOF, _BOUNDSHEET, _LBL, _SUPBOOK, _EXTERNNAME = 0x809, 0x85, 0x18, 0x1AE, 0x23
_FILEPASS, _FORMULA, _LABEL, _EOF = 0x2F, 0x06, 0x204, 0x0A
_NUMBER, _RK, _MULRK = 0x203, 0x27E, 0xBD
_TOGETHER = {0x4BC: 8, 0x221: 12}  # ShrFmla, Array: the formula of several cells, behind so many bytes
_MACROS = 1  # 2.4.28: dt
_BUILTIN = {1: "Auto_Open", 2: "Auto_Close", 10: "Auto_Activate", 11: "Auto_Deactivate"}  # 2.5.114


class Sheet(NamedTuple):
    name: str
    offset: int  # of its first record
    kind: int
    hidden: int  # 1: hidden, 2: very hidden

    @property
    def has_macros(self) -> bool:
        return self.kind == _MACROS


class Cell(NamedTuple):
    sheet: str
    place: str  # "A1"
    text: str  # a formula, a string or a number
    is_formula: bool


@dataclass(slots=True)
class Workbook:
    sheets: list[Sheet] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # DDE: service and topic
    cells: list[Cell] = field(default_factory=list)  # of macro sheets
    named: list[Cell] = field(default_factory=list)  # formulas that names stand for
    locked: bool = False
    complete: bool = True


def read(data: bytes) -> Workbook:
    """Formulas of its macro sheets only: what an ordinary sheet has cannot act."""
    found = Workbook()
    wide, substreams, sheet, depth = True, dict[int, Sheet](), None, 0
    link: tuple[str, str] | None = None
    for at, kind, body in _records(data):
        if kind == _BOF:
            wide = len(body) < 2 or struct.unpack_from("<H", body)[0] >= 0x600
            is_macro = len(body) >= 4 and struct.unpack_from("<H", body, 2)[0] == 0x40
            sheet = substreams.get(at) or (Sheet("", at, _MACROS, 0) if is_macro and depth == 0 else sheet)
            depth += 1
        elif kind == _EOF:
            depth = max(0, depth - 1)
        elif kind == _FILEPASS:
            found.locked = True
            return found
        elif kind == _BOUNDSHEET and len(body) > 7:
            each = _sheet(body, wide)
            found.sheets.append(each)
            substreams[each.offset] = each
        elif kind == _LBL and len(body) > 14:
            found.names.append(name := _name(body, wide))
            if len(found.named) < _FORMULAS and (meant := _meant(body, wide, found.names)):
                found.named.append(Cell("name", name, meant, True))
        elif kind == _SUPBOOK:
            link = _link(body)
        elif kind == _EXTERNNAME and link and len(body) > 2 and not body[0] & 0x10:  # 2.4.105: no OLE link
            found.links.append(link)
            link = None
        elif sheet is not None and sheet.has_macros:
            _cell(found, sheet, kind, body, wide)
        if len(found.cells) >= _FORMULAS:
            found.complete = False
            break
    return found


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    for _ in range(_MOST):
        if at + 4 > len(data):
            return
        kind, size = struct.unpack_from("<HH", data, at)
        if not kind and not size:  # filled up with zeros
            return
        yield at, kind, data[at + 4 : at + 4 + size]
        at += 4 + size


def _sheet(body: bytes, wide: bool) -> Sheet:
    offset, state, kind = struct.unpack_from("<IBB", body)
    name = formula.string(body[6:], wide, short=True)[0]
    return Sheet(name, offset, kind, state & 3)


def _name(body: bytes, wide: bool) -> str:
    """2.4.150: a name that Excel knows is one character, the number of it."""
    flags, _, length = struct.unpack_from("<HBB", body)
    text = formula.characters(body[14:], length, wide)[0]
    return _BUILTIN.get(ord(text[0]), "") if flags & 0x20 and text else text


def _meant(body: bytes, wide: bool, names: list[str]) -> str:
    """Its formula, behind the name; one that only says where something is has no bracket."""
    length, size = struct.unpack_from("<BH", body, 3)
    at = 14 + formula.characters(body[14:], length, wide)[1]
    text = formula.text(body[at : at + size], wide, names)
    return text if "(" in text or '"' in text else ""


def _link(body: bytes) -> tuple[str, str] | None:
    """2.4.271, 2.5.277: the path of a DDE link is its service and topic with U+0003 between them."""
    if len(body) < 6:
        return None
    length = struct.unpack_from("<H", body, 2)[0]
    text = formula.characters(body[4:], length, wide=True)[0]
    service, mark, topic = text.partition("\3")
    return (service, topic) if mark and text >= " " else None  # what begins with a control is a path of a file


def _cell(found: Workbook, sheet: Sheet, kind: int, body: bytes, wide: bool) -> None:
    if kind == _FORMULA and len(body) >= 22:
        row, column = struct.unpack_from("<HH", body)
        size = struct.unpack_from("<H", body, 20)[0]
        text = formula.text(body[22 : 22 + size], wide, found.names)
        found.cells.append(Cell(sheet.name, formula.cell(row, column), text, True))
    elif (head := _TOGETHER.get(kind)) and len(body) > head + 2:
        row, column = int.from_bytes(body[:2], "little"), body[4]
        size = struct.unpack_from("<H", body, head)[0]
        text = formula.text(body[head + 2 : head + 2 + size], wide, found.names)
        found.cells.append(Cell(sheet.name, formula.cell(row, column), text, True))
    elif kind == _LABEL and len(body) > 8:
        row, column = struct.unpack_from("<HH", body)
        text = formula.string(body[6:], wide)[0]
        found.cells.append(Cell(sheet.name, formula.cell(row, column), text, False))
    elif kind in (_NUMBER, _RK, _MULRK) and len(body) >= 10:
        row, column = struct.unpack_from("<HH", body)
        step = 6 if kind == _MULRK else len(body)  # several beside each other, each behind its format
        for number, at in enumerate(range(6, len(body) - 3, step)):
            value = (
                struct.unpack_from("<d", body, 6)[0] if kind == _NUMBER and len(body) >= 14 else rk(body[at : at + 4])
            )
            found.cells.append(Cell(sheet.name, formula.cell(row, column + number), f"{value:.15g}", False))


def rk(octets: bytes) -> float:
    """RkNumber: the upper thirty bits of a number, or a whole one; a hundredth of either."""
    raw = int.from_bytes(octets, "little")
    if raw & 2:
        value = float(raw >> 2) if raw < 1 << 31 else float((raw >> 2) - (1 << 30))
    else:
        value = struct.unpack("<d", bytes(4) + (raw & ~3).to_bytes(4, "little"))[0]
    return value / 100 if raw & 1 else value
