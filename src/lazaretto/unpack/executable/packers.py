"""Whether a program is packed, and with what: told by names of sections, the code at its entry point, and its shape."""

from __future__ import annotations

import math
import re
import struct
from collections import Counter

from lazaretto.unpack.executable.layout import EXECUTE, WRITE, Image, Section

UPX, GENERIC = "UPX", "an unknown packer"
# What turns a program into one for a machine of its own making: nothing that is run shows the program again.
PROTECTORS = frozenset({"Themida", "WinLicense", "VMProtect", "Enigma", "Obsidium", "Armadillo", "StarForce"})
_BY_SECTION: tuple[tuple[bytes, str], ...] = (
    (b"UPX", UPX),
    (b".aspack", "ASPack"),
    (b"ASPack", "ASPack"),
    (b"MEW", "MEW"),
    (b".petite", "Petite"),
    (b".Upack", "Upack"),
    (b"PS\xff\xd5\xab", "Upack"),
    (b".ByDwing", "Upack"),
    (b".WWP32", "WWPack32"),
    (b"WWP32", "WWPack32"),
    (b"yC", "yoda's Crypter"),
    (b".yP", "yoda's Protector"),
    (b"PEC2", "PECompact"),
    (b"pec1", "PECompact"),
    (b"PECompact", "PECompact"),
    (b".MPRESS", "MPRESS"),
    (b".nsp", "NSPack"),
    (b"nsp", "NSPack"),
    (b".themida", "Themida"),
    (b"Themida", "Themida"),
    (b".winlice", "WinLicense"),
    (b"WinLicen", "WinLicense"),
    (b".vmp", "VMProtect"),
    (b".enigma", "Enigma"),
    (b".obsid", "Obsidium"),
    (b".sforce", "StarForce"),
    (b"kkrunchy", "kkrunchy"),
    (b".RLPack", "RLPack"),
    (b".ex_cod", "eXPressor"),
    (b".MaskPE", "MaskPE"),
    (b"PEPACK", "PE-Pack"),
    (b"PKLITE", "PKLITE"),
    (b".neolit", "NeoLite"),
    (b"!EPack", "EPack"),
    (b"pebundle", "PEBundle"),
    (b"PELOCKnt", "PELock"),
    (b".bxpck", "BoxedApp"),
)
# Code at the entry point, or a few bytes on.
_BY_CODE: tuple[tuple[bytes, str], ...] = (
    (b"\x02\xd2\x75\x05\x8a\x16\x46\x12\xd2\xc3", "FSG"),  # 1.x: the bits of aPLib, in the stub itself
    (b"\x61\x94\x55\xa4\xb6\x80\xff\x13", "FSG"),  # 2.0
    (b"\xeb\x01\x68\x60\xe8\0\0\0\0\x8b\x1c\x24\x83\xc3", "PESpin"),
    (b"\x60\xe8\x03\0\0\0\xe9\xeb\x04\x5d\x45\x55\xc3", "ASPack"),
    (b"\x60\xe8\0\0\0\0\x5d\x81\xed\xf3\x1d\x40\0", "yoda's Crypter"),
    (b"\x64\xff\x35\0\0\0\0\x64\x89\x25\0\0\0\0\x33\xc0\x89\x08\x50\x45\x43", "PECompact"),
)
_HEAD = {b"FSG!": "FSG", b"PECompact2": "PECompact", b"MEWF": "MEW", b"*WWP": "WWPack32"}
_SAMPLE = 256 * 1024
_HIGH = 7.2  # bits for each byte; code has about 6.4, what is packed 7.9
_FEW = 12  # functions that are imported: a stub needs no more
_LEAST = 1024  # bytes of a section, to say something about its entropy
_UPX_ELF = re.compile(rb"UPX!")


def recognise(data: bytes, image: Image) -> str:
    """Its name, ``GENERIC``, or "" for what is not packed."""
    if image.format == "ELF":
        return UPX if _UPX_ELF.search(data, 0, 1024) and image.sections else ""
    if image.format != "PE":
        return ""
    names = [section.name for section in image.sections]
    for prefix, packer in _BY_SECTION:
        if any(name.startswith(prefix) for name in names):
            return packer
    if {b".adata", b".text1", b".data1"} <= set(names):
        return "Armadillo"
    head = data[: min(0x400, max(image.headers, 0x200))]
    for mark, packer in _HEAD.items():
        if mark in head:
            return packer
    start = image.offset(image.entry)
    code = data[start : start + 64] if start is not None else b""
    for mark, packer in _BY_CODE:
        if mark in code:
            return packer
    return GENERIC if _looks_packed(data, image) else ""


def _looks_packed(data: bytes, image: Image) -> bool:
    """Few imports, and the code cannot be what is run: it is compressed or encrypted, or its place is empty."""
    entry = image.at(image.entry)
    if entry is None or _is_managed(image) or imports(data, image) > _FEW:
        return False
    dense = [
        section
        for section in image.sections
        if section.length >= _LEAST and not section.name.startswith((b".rsrc", b".reloc")) and _is_dense(data, section)
    ]
    if not dense:
        return False
    both = EXECUTE | WRITE
    empty = any(not each.length and each.span >= 4096 and each.flags & both == both for each in image.sections)
    return empty or any(each.flags & EXECUTE and (each is entry or each.flags & WRITE) for each in dense)


def _is_dense(data: bytes, section: Section) -> bool:
    return entropy(data[section.start : section.start + min(section.length, _SAMPLE)]) >= _HIGH


def _is_managed(image: Image) -> bool:
    """.NET: one import, and code that is none of the processor's."""
    return image.directory(14)[0] != 0


def entropy(data: bytes) -> float:
    """Bits for each byte (Shannon)."""
    total = len(data)
    return -sum(count / total * math.log2(count / total) for count in Counter(data).values()) if total else 0.0


def imports(data: bytes, image: Image) -> int:
    """How many functions it imports by the table in its header, counted up to a little more than ``_FEW``."""
    at, count = image.offset(image.directory(1)[0]), 0
    if not image.directory(1)[0] or at is None:
        return 0
    size = 8 if image.wide else 4
    for number in range(256):
        if at + 20 * number + 20 > len(data):
            break
        names, _, _, dll, addresses = struct.unpack_from("<IIIII", data, at + 20 * number)
        place = image.offset(names or addresses)
        if not dll or not addresses:
            break
        while place is not None and count <= _FEW and any(data[place : place + size]):
            count += 1
            place += size
        if count > _FEW:
            break
    return count
