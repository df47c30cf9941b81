"""Workbooks of Excel 97 with macro sheets, for the tests ([MS-XLS])."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from tests.unpack.officefiles import record

FUNCTIONS = {"EXEC": 0x6E, "CALL": 0x96, "REGISTER": 0x95, "CHAR": 0x6F, "RUN": 0x8011, "HALT": 0x36, "FORMULA": 0x8060}


def text(value: str) -> bytes:
    """PtgStr."""
    return b"\x17" + bytes([len(value)]) + b"\1" + value.encode("utf-16-le")


def number(value: int) -> bytes:
    return b"\x1e" + struct.pack("<H", value)


def cell(row: int, column: int) -> bytes:
    return b"\x44" + struct.pack("<HH", row, column | 0xC000)


def join(*parts: bytes) -> bytes:
    return parts[0] + b"".join(part + b"\x08" for part in parts[1:])


def call(name: str, *arguments: bytes) -> bytes:
    """PtgFuncVar, or PtgFunc where the number of arguments is fixed."""
    code = FUNCTIONS[name]
    if name == "CHAR":
        return b"".join(arguments) + b"\x41" + struct.pack("<H", code)
    return b"".join(arguments) + b"\x42" + struct.pack("<BH", len(arguments), code)


def name(value: str | int) -> bytes:
    """2.4.150: a number is one that Excel knows."""
    octets = bytes([value]) if isinstance(value, int) else value.encode("latin-1")
    flags = 0x20 if isinstance(value, int) else 0
    return record(0x18, struct.pack("<HBBHHHI", flags, 0, len(octets), 0, 0, 0, 0) + b"\0" + octets)


def link(path: str, flags: int = 0) -> bytes:
    return record(0x1AE, struct.pack("<HH", 0, len(path)) + b"\0" + path.encode("latin-1")) + record(
        0x23, struct.pack("<HI", flags, 0) + b"\1\0x"
    )


def workbook(
    formulas: Sequence[bytes] = (), *, more: bytes = b"", hidden: int = 0, kind: int = 1, texts: Sequence[str] = ()
) -> bytes:
    """One sheet, with a formula in each row of column A and a text in each of column B."""
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 0))
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x40 if kind == 1 else 0x10, 0, 1997, 0, 0))
    for row, each in enumerate(formulas):
        head = struct.pack("<HHHQHI", row, 0, 0, 0, 0, 0)
        sheet += record(6, head + struct.pack("<H", len(each)) + each)
    for row, each in enumerate(texts):
        sheet += record(0x204, struct.pack("<HHHH", row, 1, 0, len(each)) + b"\0" + each.encode("latin-1"))
    sheet += record(0x0A)
    shown = b"\x06\0Macro1"
    offset = len(start) + 4 + 6 + len(shown) + len(more) + 4
    bound = record(0x85, struct.pack("<IBB", offset, hidden, kind) + shown)
    whole = start + bound + more + record(0x0A) + sheet
    return whole + bytes(max(0, 4096 - len(whole)))


# ---------------------------------------------------------------------------- binary packages ([MS-XLSB])


def wide_text(value: str) -> bytes:
    return b"\x17" + struct.pack("<H", len(value)) + value.encode("utf-16-le")


def wide_cell(row: int, column: int) -> bytes:
    return b"\x44" + struct.pack("<IH", row, column | 0xC000)


wide_call = call  # the same tokens


def _record(kind: int, body: bytes) -> bytes:
    size, octets = len(body), b""
    while size > 0x7F:
        octets += bytes([size & 0x7F | 0x80])
        size >>= 7
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + octets + bytes([size]) + body


def binary_sheet(
    formulas: Mapping[tuple[int, int], bytes], texts: Mapping[tuple[int, int], str], kind: int = 9
) -> bytes:
    """By row and column."""
    value = {8: struct.pack("<I", 1) + b"a\0", 9: bytes(8), 10: b"\1", 11: b"\0"}[kind]
    out = _record(129, b"") + _record(145, b"")
    for (row, column), tokens in formulas.items():
        out += _record(0, struct.pack("<I", row) + bytes(13))
        out += _record(kind, struct.pack("<II", column, 0) + value + bytes(2) + struct.pack("<I", len(tokens)) + tokens)
    for (row, column), value_ in texts.items():
        out += _record(0, struct.pack("<I", row) + bytes(13))
        out += _record(6, struct.pack("<III", column, 0, len(value_)) + value_.encode("utf-16-le"))
    return out + _record(146, b"") + _record(130, b"")
