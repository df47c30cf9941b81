# Invariant: any bytes in a compound file, an Office or OpenDocument package, an Outlook message or an XML document,
# locked or not, give artifacts and findings within the limits; never an exception, never a finding that an unpacker
# crashed.
"""The documents of office programs, through the tree."""

from __future__ import annotations

import random
import struct
import zlib

from fuzz._tree import explode
from tests.unpack import officefiles as make

TEXT = b"some text " * 20
PICTURE = make.atom(0xF01E, bytes(17) + b"PNG", instance=0x6E0)
PRESENTATION = {
    "PowerPoint Document": make.atom(0x1011, struct.pack("<I", len(TEXT)) + zlib.compress(TEXT), instance=1),
    "Pictures": PICTURE,
}
DRAWING = struct.pack("<IHH", 68 + len(PICTURE), 68, 0x64).ljust(68, b"\0") + PICTURE
INNER = "__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0"
FLAT = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b&c;"><!ENTITY c "d">]>'
    '<pkg:package xmlns:pkg="p"><pkg:part pkg:name="/a">'
)

SEEDS = (
    make.ole(
        {"WordDocument": make.doc(TEXT), "ObjectPool/_1/\x01Ole10Native": make.ole10native(TEXT), "Data": DRAWING}
    ),
    make.ole({"Workbook": make.book([(0xEB, PICTURE), (0xFC, TEXT)]), "MBD1/Workbook": make.book([])}),
    make.ole(PRESENTATION),
    make.ole({"\u4840\u3f3f": TEXT}, "000C1084-0000-0000-C000-000000000046"),
    make.msg(make.attachment(0, TEXT, p3707="a.txt"), more={INNER: bytes(24), "__substg1.0_1000001F": TEXT}),
    make.locked_doc(TEXT, "w"),
    make.xored_doc(TEXT, "w"),
    make.locked_xls(TEXT, "w", make.api_head),
    make.xored_xls(TEXT, "w"),
    make.locked_ppt(TEXT, "w"),
    make.agile(make.docx({"a": random.Random(1).randbytes(5000)}), "w"),
    *(make.odt(TEXT, "w", how) for how in ("cbc", "gcm", "blowfish")),
    make.docx({"_rels/.rels": make.relations(("oleObject", "http://h/x"), ("image", "file://h/s/a"))}),
    f"{FLAT}<pkg:binaryData>QUJD</pkg:binaryData></pkg:part>&a;</pkg:package>".encode(),
    b"ActiveMime\0\0".ljust(50, b"\0") + zlib.compress(TEXT),
)


def target(data: bytes) -> None:
    explode(data)
