"""Signs in objects of other programs: whose they are, where links lead, equations that no editor writes."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Iterator

from lazaretto.engines.documents.cases import OLE, RTF, Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.errors import HostileInput, LimitExceeded
from lazaretto.heuristics import Sheet
from lazaretto.model import Artifact
from lazaretto.office import kinds
from lazaretto.office.compound import Compound, Entry
from lazaretto.office.links import Place, place

_OBJECTS = 5_000  # parts of one document that are looked at
_ALL = 1 << 26  # bytes of all objects of RTF
_STREAM = 1 << 16  # bytes of a stream with monikers or names
_URL = uuid.UUID("79eac9e0-baf9-11ce-8c82-00aa004ba90b").bytes_le
_EQUATION = "ole.equation"
_LINK = 1  # [MS-OLEDS] 2.2.6: FormatID of a linked object
_CLASS_IN_XML = re.compile(rb"classid=[\"']\{?([0-9A-Fa-f-]{36})", re.IGNORECASE)
_EQUATION_HEAD = 28  # bytes of EQNOLEFILEHDR, as its first field says
_FONT, _SIZES = 8, frozenset(range(9, 15))  # tags of MTEF 3
_LONGEST_FONT = 32  # of a name; the buffer that was overrun has 40
_WALK = 24  # records before the font


class Classes:
    """Heuristics by class identifier and by name of a class."""

    def __init__(self, sheet: Sheet) -> None:
        every = sheet.heuristics.values()
        self.ids = {each: one.id for one in every for each in one.look_for("classes")}
        self.octets = {uuid.UUID(each).bytes_le: name for each, name in self.ids.items()}
        self.names = {each: one.id for one in every for each in one.look_for("names")}

    def in_octets(self, data: bytes) -> Iterator[str]:
        for octets, name in self.octets.items():
            if octets in data:
                yield name

    def named(self, name: str) -> str:
        """ "" for one that says nothing; versions behind the name do not count."""
        lower = name.strip(" \0").lower()
        return self.names.get(lower) or self.names.get(lower.rpartition(".")[0]) or ""


def look(case: Case, signs: Signs, classes: Classes) -> None:
    """Raises LimitExceeded at its end when not all was looked at."""
    left = _ALL
    if case.form == OLE:
        _compound(case.artifact, "", signs, classes)
    for part in case.parts[:_OBJECTS]:
        if part.type in kinds.TYPES:
            _compound(part, case.where(part), signs, classes)
        elif part.type == "text/xml" and part.data.find(b"classid=", 0, _STREAM) >= 0:
            for found in _CLASS_IN_XML.finditer(part.data, 0, _STREAM):  # ECMA-376 part 4, 2.2: a control of a package
                if name := classes.ids.get(found[1].decode("ascii").lower()):
                    signs.add(name, case.where(part))
        if case.form == RTF and part.parent == case.artifact.path and not part.type.startswith("image/"):
            left -= len(part.data)
            if left >= 0:
                _raw(part, case.where(part), signs, classes)
    if case.form == RTF and _EQUATION in signs.seen:
        signs.add("rtf.equation", "")
    if case.form == RTF and {"rtf.update", "ole.moniker"} <= signs.seen.keys():
        signs.add("rtf.loaded", "")
    if left < 0 or len(case.parts) > _OBJECTS:
        raise LimitExceeded("documents", f"more than {_OBJECTS} parts, or objects of more than {_ALL} bytes")


def _compound(artifact: Artifact, where: str, signs: Signs, classes: Classes) -> None:
    try:
        file = Compound(artifact.data)
        equations = {entry.number for entry in file.entries if classes.ids.get(entry.clsid.lower()) == _EQUATION}
        for entry in file.entries:
            if name := classes.ids.get(entry.clsid.lower()):
                signs.add(name, where, entry.name)
        for number, inside in file.children.items():
            for entry in inside:
                _stream(file, entry, where, signs, classes, of_equation=number in equations)
    except HostileInput:  # its unpacker has said so
        return


def _stream(file: Compound, entry: Entry, where: str, signs: Signs, classes: Classes, *, of_equation: bool) -> None:
    name = entry.name.lower()
    if name == "equation native":
        signs.add(_EQUATION, where, entry.name)
        if why := equation(file.read(entry, _STREAM)):
            signs.add("ole.equation-exploit", where, why)
    elif name == "\x01ole10native" and of_equation:
        if why := old_equation(file.read(entry, _STREAM), entry.size):
            signs.add("ole.equation-exploit", where, why)
    elif name in ("\x01ole", "\x03linkinfo"):
        monikers(file.read(entry, _STREAM), where, signs, classes)
    elif name == "\x01compobj":
        for found in re.finditer(rb"[\x20-\x7e]{4,100}", file.read(entry, 4096)):
            if heuristic := classes.named(found[0].decode("ascii")):
                signs.add(heuristic, where, found[0].decode("ascii"))


def _raw(part: Artifact, where: str, signs: Signs, classes: Classes) -> None:
    """An object of RTF: its class is its name; what is no compound file is searched for monikers and classes."""
    for name in part.names:
        if heuristic := classes.named(name):
            signs.add(heuristic, "", name)
            if heuristic == _EQUATION and part.type not in kinds.TYPES and (why := equation(part.data[:_STREAM])):
                signs.add("ole.equation-exploit", where, why)
    if part.type in kinds.TYPES:
        return
    data = part.data
    monikers(data, where, signs, classes)
    if part.name == "object.bin" and len(data) > 12:
        _without_header(data, where, signs, classes)


def _without_header(data: bytes, where: str, signs: Signs, classes: Classes) -> None:
    """2.2.4: what could not be read as an embedded object: a link, or one whose lengths are wrong."""
    form, size = struct.unpack_from("<II", data, 4)
    names = [found.decode("latin-1") for found in re.findall(rb"[\x20-\x7e]{6,260}", data[:4096])]
    for name in names[:8]:
        if heuristic := classes.named(name):
            signs.add(heuristic, where, name)
    if form == _LINK:
        for name in names[:8]:
            _leads(name, where, signs)
    elif form == 2 or size > len(data):
        signs.add("rtf.broken-object", where)


def monikers(data: bytes, where: str, signs: Signs, classes: Classes) -> None:
    """[MS-OLEDS] 2.3.3, [MS-OSHARED] 2.3.7: a class, then what it needs; an address is a length and UTF-16."""
    for name in classes.in_octets(data):
        signs.add(name, where)
    at = data.find(_URL)
    for _ in range(8):
        if at < 0:
            return
        raw = data[at + 20 : at + 20 + 4_000]
        target = raw[: len(raw) & ~1].decode("utf-16-le", "replace").partition("\0")[0]
        _leads(target, where, signs)
        at = data.find(_URL, at + 16)


def _leads(target: str, where: str, signs: Signs) -> None:
    there = place(target)
    if there is Place.HANDLER and not target.lower().startswith("mailto:"):
        signs.add("ole.script-moniker", where, target)
    elif there is Place.REMOTE:
        signs.add("ole.moniker", where, target)
    elif there is Place.SHARE:
        signs.add("ole.server", where, target)


def equation(data: bytes) -> str:
    """Why no editor wrote it; "" when one may have.  A header, then MTEF: five bytes, then records of which the first
    set a size and a font."""
    if len(data) < _EQUATION_HEAD + 8:
        return ""
    (head,) = struct.unpack_from("<H", data)
    if head != _EQUATION_HEAD:
        return "a header of another size"
    return _records(data, _EQUATION_HEAD + 5)


def old_equation(data: bytes, size: int) -> str:
    """The same for a stream \\1Ole10Native, where version 2 has its equations: a size, then MTEF."""
    if len(data) < 10:
        return ""
    if int.from_bytes(data[:4], "little") != size - 4:
        return "a size that is wrong"
    return _records(data, 9) if data[4] in (1, 2, 3) else "data where equations have none"


def _records(data: bytes, at: int) -> str:
    for _ in range(_WALK):
        if at >= len(data):
            return ""
        tag = data[at] & 0x0F
        if tag == _FONT:
            length = data.find(b"\0", at + 3) - at - 3
            return f"a font name of {length} bytes" if not 0 <= length <= _LONGEST_FONT else ""
        if tag in _SIZES:
            at += 3 if tag == 9 else 1
        elif tag == 1 and not data[at] >> 4:
            at += 1
        else:
            return ""
    return ""
