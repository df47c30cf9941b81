"""Sheets of binary packages ([MS-XLSB]): formulas and strings of their cells."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from lazaretto.office import formula
from lazaretto.office.biff import Cell, rk

START: Final = b"\x81\x01\0"  # 2.4.194 BrtBeginSheet: no bytes of its own
_RECORDS: Final = 2_000_000
MOST: Final = 30_000  # cells
_ROW, _TEXT, _RK, _REAL = 0, 6, 2, 5  # BrtRowHdr, BrtCellSt, BrtCellRk, BrtCellReal
_TOGETHER = {427: 16, 426: 17}  # BrtShrFmla, BrtArrFmla: the formula of several cells, behind so many bytes
_FORMULAS = range(8, 12)  # of a string, a number, a truth value, an error


def cells(data: bytes) -> list[Cell]:
    """No more than MOST of them."""
    found: list[Cell] = []
    row = 0
    for kind, body in _records(data):
        if kind == _ROW and len(body) >= 4:
            row = int.from_bytes(body[:4], "little")
        elif kind in (_RK, _REAL) and len(body) >= 12:
            place = formula.cell(row & 0xFFFFF, int.from_bytes(body[:4], "little"))
            real = kind == _REAL and len(body) >= 16
            value = struct.unpack_from("<d", body, 8)[0] if real else rk(body[8:12])
            found.append(Cell("sheet", place, f"{value:.15g}", False))
        elif (head := _TOGETHER.get(kind)) and len(body) > head + 4:
            place = formula.cell(int.from_bytes(body[:4], "little") & 0xFFFFF, int.from_bytes(body[8:12], "little"))
            size = struct.unpack_from("<I", body, head)[0]
            text = formula.text(body[head + 4 : head + 4 + size], package=True)
            found.append(Cell("sheet", place, text, True))
        elif (kind == _TEXT or kind in _FORMULAS) and len(body) >= 8:
            place = formula.cell(row & 0xFFFFF, int.from_bytes(body[:4], "little"))
            if kind == _TEXT:
                found.append(Cell("sheet", place, _string(body, 8)[0], False))
            elif tokens := _tokens(kind, body):
                found.append(Cell("sheet", place, formula.text(tokens, package=True), True))
        if len(found) >= MOST:
            break
    return found


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """2.1.4: kind and size in seven bits a byte, of which kinds have two at most and sizes four."""
    at = 0
    for _ in range(_RECORDS):
        kind, at = _number(data, at, 2)
        size, at = _number(data, at, 4)
        if at > len(data) or (not size and at == len(data)):
            return
        yield kind, data[at : at + size]
        at += size


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for count in range(most):
        octet = data[at] if at < len(data) else 0
        at += 1
        value |= (octet & 0x7F) << 7 * count
        if octet < 0x80:
            break
    return value, at


def _string(body: bytes, at: int) -> tuple[str, int]:
    """2.5.168, and where it ends."""
    end = at + 4 + 2 * int.from_bytes(body[at : at + 4], "little")
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _tokens(kind: int, body: bytes) -> bytes:
    """Behind the cell, its value, and two bytes of flags."""
    at = _string(body, 8)[1] if kind == 8 else 16 if kind == 9 else 9
    if at + 6 > len(body):
        return b""
    size = struct.unpack_from("<I", body, at + 2)[0]
    return body[at + 6 : at + 6 + size]
