"""What a compound file is: the program that wrote it names its main stream, or leaves its class at the root."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lazaretto.errors import Malformed
from lazaretto.office.compound import Compound

OLE2: Final = "application/x-ole-storage"
WORD, EXCEL, POWERPOINT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
OUTLOOK, INSTALLER = "application/vnd.ms-outlook", "application/x-msi"
PUBLISHER, VISIO, PROJECT = "application/x-mspublisher", "application/vnd.visio", "application/vnd.ms-project"
WORKS, HANGUL = "application/vnd.ms-works", "application/x-hwp"
_STAR = "application/vnd.stardivision."

# By the name of a stream or storage in the root, in lower case.  The first that is there decides: Word looks for its
# own whatever else a file holds, and a document with a macro sheet of Excel beside it is still one.
_BY_NAME: tuple[tuple[str, str], ...] = (
    ("worddocument", WORD),
    ("workbook", EXCEL),
    ("book", EXCEL),
    ("powerpoint document", POWERPOINT),
    ("pp40", POWERPOINT),
    ("__properties_version1.0", OUTLOOK),
    ("__nameid_version1.0", OUTLOOK),
    ("visiodocument", VISIO),
    ("quill", PUBLISHER),
    ("props14", PROJECT),
    ("props12", PROJECT),
    ("props9", PROJECT),
    ("matost", WORKS),
    ("fileheader", HANGUL),
    ("starwriterdocument", _STAR + "writer"),
    ("starcalcdocument", _STAR + "calc"),
    ("starimpressdocument", _STAR + "impress"),
    ("stardrawdocument3", _STAR + "draw"),
)
_BY_CLASS = {
    "000C1084-0000-0000-C000-000000000046": INSTALLER,
    "000C1086-0000-0000-C000-000000000046": INSTALLER,  # a patch, .msp
    "000C1082-0000-0000-C000-000000000046": INSTALLER,  # a transform, .mst
    "00020D0B-0000-0000-C000-000000000046": OUTLOOK,
    "00020906-0000-0000-C000-000000000046": WORD,
    "00020900-0000-0000-C000-000000000046": WORD,  # version 6
    "00020820-0000-0000-C000-000000000046": EXCEL,
    "00020810-0000-0000-C000-000000000046": EXCEL,  # version 5
    "64818D10-4F9B-11CF-86EA-00AA00B929E8": POWERPOINT,
    "00021201-0000-0000-00C0-000000000046": PUBLISHER,
    "00021A14-0000-0000-C000-000000000046": VISIO,
    "74B78F3A-C8C8-11D1-BE11-00C04FB6FAF1": PROJECT,
}
_MAIN = frozenset({*(name for name, _ in _BY_NAME), "encryptedpackage"})
TYPES: Final = frozenset({OLE2, *(kind for _, kind in _BY_NAME), *_BY_CLASS.values()})


def is_document(names: Iterable[str]) -> bool:
    """Whether a storage with these names in it is a document, and could stand in a file of its own."""
    return not _MAIN.isdisjoint(name.lower() for name in names)


def kind(data: bytes) -> str:
    """The media type, OLE2 for what has none of its own or is too damaged to say."""
    try:
        file = Compound(data)
    except Malformed:
        return OLE2
    names = {entry.name.lower() for entry in file.children.get(0, ())}
    for name, found in _BY_NAME:
        if name in names:
            return found
    return _BY_CLASS.get(file.root.clsid, OLE2)
