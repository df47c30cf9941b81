"""Formulas of Excel out of their tokens ([MS-XLS] 2.5.198), as the text that somebody typed, or nearly."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 8192  # characters of a part of a formula
_BINARY = {3: "+", 4: "-", 5: "*", 6: "/", 7: "^", 8: "&", 9: "<", 10: "<=", 11: "=", 12: ">=", 13: ">", 14: "<>"}
_BINARY |= {15: " ", 16: ",", 17: ":"}
# Bytes behind a token: in Excel 97 and after, before, and in binary packages ([MS-XLSB] 2.5.97.16 and after).
_SIZES = {0x01: (4, 4, 4), 0x02: (4, 4, 4), 0x1C: (1, 1, 1), 0x1D: (1, 1, 1), 0x1E: (2, 2, 2), 0x1F: (8, 8, 8)}
_SIZES |= {0x20: (7, 7, 14), 0x21: (2, 2, 2), 0x22: (3, 3, 3), 0x23: (4, 14, 4), 0x24: (4, 3, 6), 0x25: (8, 6, 12)}
_SIZES |= {0x26: (6, 6, 6), 0x27: (6, 6, 6), 0x28: (6, 6, 6), 0x29: (2, 2, 2), 0x2A: (4, 3, 6), 0x2B: (8, 6, 12)}
_SIZES |= {0x2C: (4, 3, 6), 0x2D: (8, 6, 12), 0x39: (6, 24, 6), 0x3A: (6, 17, 8), 0x3B: (10, 20, 14)}
_SIZES |= {0x3C: (6, 17, 8), 0x3D: (10, 20, 14)}
# 2.5.198.17 and 2.5.198.4: those that macros need, by number; the others are shown by theirs.
_FUNCTIONS = {
    0x01: "IF", 0x1F: "MID", 0x20: "LEN", 0x21: "VALUE", 0x22: "TRUE", 0x23: "FALSE", 0x24: "AND", 0x25: "OR",
    0x26: "NOT", 0x27: "MOD", 0x30: "TEXT", 0x35: "GOTO", 0x36: "HALT", 0x37: "RETURN", 0x4A: "NOW", 0x4E: "OFFSET",
    0x19: "INT", 0x1B: "ROUND", 0x1D: "INDEX", 0x1E: "REPT", 0x3F: "RAND", 0x41: "DATE", 0x43: "DAY",
    0x52: "SEARCH", 0x57: "ECHO", 0x58: "SET.NAME", 0x5E: "ACTIVE.CELL", 0x6A: "GET.FORMULA", 0x6B: "GET.NAME",
    0x6C: "SET.VALUE", 0x6E: "EXEC", 0x6F: "CHAR", 0x70: "LOWER", 0x71: "UPPER", 0x73: "LEFT", 0x74: "RIGHT",
    0x76: "TRIM", 0x77: "REPLACE", 0x78: "SUBSTITUTE", 0x79: "CODE", 0x7B: "DIRECTORY", 0x7C: "FIND", 0x7E: "ISERR",
    0x80: "ISNUMBER", 0x82: "T", 0x83: "N", 0x84: "FOPEN", 0x85: "FCLOSE", 0x86: "FSIZE", 0x87: "FREADLN",
    0x88: "FREAD", 0x89: "FWRITELN", 0x8A: "FWRITE", 0x92: "REFTEXT", 0x93: "TEXTREF", 0x94: "INDIRECT",
    0x95: "REGISTER", 0x96: "CALL", 0xA2: "CLEAN", 0xA6: "FILES", 0xAB: "FOR", 0xAC: "WHILE", 0xAD: "BREAK",
    0xAE: "NEXT", 0xAF: "INITIATE", 0xB0: "REQUEST", 0xB1: "POKE", 0xB2: "EXECUTE", 0xB3: "TERMINATE", 0xB9: "GET.CELL",
    0xBA: "GET.WORKSPACE", 0xBB: "GET.WINDOW", 0xBC: "GET.DOCUMENT", 0xC9: "UNREGISTER", 0xDD: "TODAY", 0xDF: "ELSE",
    0xE0: "ELSE.IF", 0xE1: "END.IF", 0xE2: "FOR.CELL", 0xEC: "CREATE.OBJECT", 0xF1: "FORMULA.CONVERT",
    0x101: "EVALUATE", 0x10B: "REGISTER.ID", 0x10C: "GET.WORKBOOK", 0x150: "CONCATENATE", 0x167: "HYPERLINK",
    0x8001: "OPEN", 0x8005: "SAVE.AS", 0x8006: "FILE.DELETE", 0x8010: "CLOSE", 0x8011: "RUN", 0x803F: "FORMULA.GOTO",
    0x8060: "FORMULA", 0x8061: "FORMULA.FILL", 0x8062: "FORMULA.ARRAY", 0x805D: "HIDE", 0x8076: "ALERT",
    0x806D: "SELECT", 0x807A: "MESSAGE", 0x807D: "APP.ACTIVATE", 0x8083: "SEND.KEYS", 0x8094: "ON.TIME",
    0x8095: "WAIT", 0x80A9: "APP.RESTORE", 0x80AC: "APP.MINIMIZE", 0x80D7: "ON.SHEET", 0x8102: "ERROR",
    0x817F: "WORKBOOK.HIDE", 0x8180: "WORKBOOK.UNHIDE", 0x8181: "WORKBOOK.DELETE", 0x8123: "WORKBOOK.SELECT",
    0x8124: "WORKBOOK.ACTIVATE", 0x8162: "WORKBOOK.INSERT",
    0x800A: "QUIT", 0x806E: "DELETE.NAME", 0x803D: "DEFINE.NAME",
}  # fmt: skip
# How many arguments those have whose number is not written: one, except
_ARGUMENTS = {0x1F: 3, 0x22: 0, 0x23: 0, 0x27: 2, 0x30: 2, 0x1B: 2, 0x1E: 2, 0x3F: 0, 0x41: 3, 0x4A: 0, 0x5E: 0}
_ARGUMENTS |= {0x6C: 2, 0x77: 4, 0x88: 2, 0x89: 2, 0x8A: 2, 0xAD: 0, 0xAE: 0, 0xB0: 2, 0xB1: 3, 0xB2: 2, 0xDD: 0}
_ARGUMENTS |= {0xDF: 0, 0xE1: 0}
_USER = 0xFF  # the function's name comes as its first argument


def cell(row: int, column: int) -> str:
    column &= 0x3FFF
    letters = ""
    while column >= 0:
        letters = chr(65 + column % 26) + letters
        column = column // 26 - 1
    return f"{letters}{row + 1}"


def characters(data: bytes, length: int, wide: bool) -> tuple[str, int]:
    """2.5.293: behind a byte that says how many bytes a character has; Excel 5 has one.  The second: bytes taken."""
    if not wide:
        return data[:length].decode("cp1252", "replace"), length
    if not data:
        return "", 0
    if data[0] & 1:
        return data[1 : 1 + 2 * length].decode("utf-16-le", "replace"), 1 + 2 * length
    return data[1 : 1 + length].decode("latin-1"), 1 + length


def string(data: bytes, wide: bool, *, short: bool = False) -> tuple[str, int]:
    """With its length before it, in one byte or two."""
    head = 1 if short else 2
    length = int.from_bytes(data[:head], "little")
    found, size = characters(data[head:], length, wide)
    return found, head + size


def text(tokens: bytes, wide: bool = True, names: Sequence[str] = (), *, package: bool = False) -> str:
    """The formula without its "="; what cannot be read ends it with "?"."""
    form = 2 if package else int(not wide)
    stack: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        kind = (token & 0x1F) | 0x20 if token & 0x60 else token  # 2.5.198.1: three classes of one token
        if kind in _BINARY:
            right, left = _pop(stack), _pop(stack)
            stack.append((left + _BINARY[kind] + right)[:_LONGEST])
        elif kind == 0x13:
            stack.append("-" + _pop(stack))
        elif kind == 0x15:
            stack.append(f"({_pop(stack)})")
        elif kind == 0x16:
            stack.append("")
        elif kind == 0x17:
            found, size = _wide(tokens[at:]) if package else string(tokens[at:], wide, short=True)
            stack.append('"' + found.replace('"', '""') + '"')
            at += size
        elif kind == 0x19:
            at += _attribute(tokens, at)
        elif kind in _SIZES:
            size = _SIZES[kind][form]
            _operand(stack, kind, tokens[at : at + size], names, form)
            at += size
        elif kind not in (0x12, 0x14):  # "+" before something, "%" behind it
            stack.append("?")
            break
    return " ".join(stack)[:_LONGEST]


def _wide(data: bytes) -> tuple[str, int]:
    """[MS-XLSB] 2.5.97.74: two bytes for the length and for each character."""
    size = 2 + 2 * int.from_bytes(data[:2], "little")
    return data[2:size].decode("utf-16-le", "replace"), size


def _attribute(tokens: bytes, at: int) -> int:
    """2.5.198.5 and after: a jump table of CHOOSE has a length of its own."""
    if at + 3 > len(tokens):
        return 3
    count = struct.unpack_from("<H", tokens, at + 1)[0]
    return 3 + 2 * (count + 1) if tokens[at] & 4 else 3


def _operand(stack: list[str], kind: int, body: bytes, names: Sequence[str], form: int) -> None:
    if kind == 0x1E:
        stack.append(str(int.from_bytes(body, "little")))
    elif kind == 0x1F and len(body) == 8:
        stack.append(f"{struct.unpack('<d', body)[0]:.15g}")
    elif kind == 0x1D:
        stack.append("TRUE" if any(body) else "FALSE")
    elif kind in (0x24, 0x2C, 0x3A):
        stack.append(_place(body, form))
    elif kind == 0x23:
        number = int.from_bytes(body[:4] if len(body) == 4 else body[:2], "little")
        stack.append(names[number - 1] if 0 < number <= len(names) and names[number - 1] else f"name{number}")
    elif kind == 0x21:
        number = int.from_bytes(body, "little")
        _call(stack, number, _ARGUMENTS.get(number, 1))
    elif kind == 0x22 and len(body) == 3:
        _call(stack, int.from_bytes(body[1:], "little"), body[0] & 0x7F)
    elif kind not in (0x26, 0x27, 0x28, 0x29):  # those say only how the next is to be reckoned
        stack.append("ref")


def _place(body: bytes, form: int) -> str:
    """Row and column, behind what says the sheet."""
    rows, columns = ((2, 2), (2, 1), (4, 2))[form]
    at = max(len(body) - rows - columns, 0)
    row, column = body[at : at + rows], body[at + rows :]
    return cell(int.from_bytes(row, "little") & 0xFFFFF, int.from_bytes(column, "little"))


def _call(stack: list[str], number: int, count: int) -> None:
    given = [_pop(stack) for _ in range(min(count, len(stack)))][::-1]
    name = _FUNCTIONS.get(number, f"F{number:X}")
    if number == _USER and given:
        name, given = given[0], given[1:]
    stack.append(f"{name}({','.join(given)})"[:_LONGEST])


def _pop(stack: list[str]) -> str:
    return stack.pop() if stack else ""
