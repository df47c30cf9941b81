"""Names of files in RAR archives, in every reading."""

from __future__ import annotations

import contextlib

_LONGEST = 4096  # bytes


def of_rar5(raw: bytes) -> tuple[str, ...]:
    """UTF-8 (technote, "File header"); what is not UTF-8 as Latin-1 too, and up to a NUL as programs in C have it."""
    raw = raw[:_LONGEST]
    found = [raw.decode("utf-8", "replace")]
    with contextlib.suppress(UnicodeDecodeError):
        raw.decode("utf-8")
        return _with_nul(found)
    return _with_nul([*found, raw.decode("latin-1")])


def of_rar4(raw: bytes, *, unicode: bool) -> tuple[str, ...]:
    """With ``unicode``: a name in the code page of whoever packed it, NUL, the name coded (TechNote, flag 0x200), or
    one name in UTF-8 where there is no NUL.  Folders are parted by backslashes, which are no part of a name here."""
    plain, nul, coded = raw[:_LONGEST].partition(b"\0")
    found = []
    if unicode and nul and coded:
        found.append(decoded(plain, coded))
    with contextlib.suppress(UnicodeDecodeError):
        found.append(plain.decode("utf-8"))
    if not plain.isascii():
        found += [plain.decode("cp437"), plain.decode("latin-1")]
    if not unicode and nul:
        found.append(raw[:_LONGEST].decode("latin-1"))
    return tuple(dict.fromkeys(name.replace("\\", "/") for name in found if name)) or ("",)


def decoded(plain: bytes, coded: bytes) -> str:
    """The name that ``coded`` makes of ``plain``: after one common high byte, groups of four, each told by two bits
    what it is: a low byte, a low byte with the common high byte, both bytes, or a run of the plain name."""
    units: list[int] = []
    high, at, flags, left = coded[0], 1, 0, 0
    while at < len(coded) and len(units) < _LONGEST:
        if not left:
            flags, left, at = coded[at], 8, at + 1
            if at >= len(coded):
                break
        left -= 2
        mode = flags >> left & 3
        low = coded[at]
        at += 1
        if mode == 0:
            units.append(low)
        elif mode == 1:
            units.append(low | high << 8)
        elif mode == 2:
            units.append(low | (coded[at] if at < len(coded) else 0) << 8)
            at += 1
        else:
            correction, above = 0, 0
            if low & 0x80:
                correction, above = (coded[at] if at < len(coded) else 0), high
                at += 1
            for byte in plain[len(units) : len(units) + (low & 0x7F) + 2]:
                units.append((byte + correction & 0xFF) | above << 8)
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "replace")


def _with_nul(found: list[str]) -> tuple[str, ...]:
    cut = [name.partition("\0")[0] for name in found]
    return tuple(dict.fromkeys([*cut, *found])) if cut[0] else tuple(found)
