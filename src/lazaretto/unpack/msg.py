"""Messages as Outlook saves them (.msg, .oft; [MS-OXMSG]): a compound file with a stream for each property."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import HostileInput
from lazaretto.mime import lzfu, tnef
from lazaretto.model import Artifact, Finding
from lazaretto.office import kinds, writer
from lazaretto.office.compound import STORAGE, Compound, Entry
from lazaretto.plugin import Member, Unpacker

_PROPERTIES = "__properties_version1.0"
_PROPERTY = re.compile(r"__substg1\.0_([0-9a-f]{4})([0-9a-f]{4})", re.IGNORECASE)
_ATTACHMENT = "__attach_version1.0_"
_OTHERS = (_PROPERTIES, "__nameid_version1.0", "__recip_version1.0_")
# Which name comes first: what Outlook shows, then what others do.
_NAMES = (tnef.LONG_FILE_NAME, tnef.FILE_NAME, tnef.TRANSPORT_NAME, tnef.DISPLAY_NAME)
_CODE_PAGES = (0x3FFD, 0x3FDE)  # PidTagMessageCodepage, PidTagInternetCodepage
_LONGEST = 2_000  # bytes of a name
_TOP, _INNER = 32, 24  # 2.4.1: bytes before the properties of a message, and of one in another


class Msg(Unpacker):
    """Attachments under all their names, messages and objects in it as files of their own, each text, and the other
    properties together."""

    name: ClassVar[str] = "msg"
    types: ClassVar[frozenset[str]] = frozenset({kinds.OUTLOOK})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        file = Compound(artifact.data)
        message = _Message(file)
        trouble: HostileInput | None = None  # said at the end: the other attachments are given first
        for entry in file.children.get(0, []):
            if entry.kind == STORAGE and entry.name.lower().startswith(_ATTACHMENT):
                try:
                    yield from message.attachment(entry)
                except HostileInput as error:
                    trouble = trouble or error
        yield from message.texts()
        yield Member(("properties.bin",), message.rest())
        if trouble:
            raise trouble


class _Message:
    def __init__(self, file: Compound) -> None:
        self._file = file
        self._rest: list[Entry] = []
        self._charset = ""
        if properties := file.find(_PROPERTIES):
            self._charset = _charset(file.read(properties))

    def attachment(self, storage: Entry) -> Iterator[Member]:
        """2.2.2: the content is a stream, or a storage: a message, or an object of another program."""
        names: dict[int, str] = {}
        declared, contents = "", []
        for entry in self._file.children.get(storage.number, []):
            identifier, kind = _property(entry)
            if identifier == tnef.DATA:
                contents.append(entry)
                continue
            if identifier in _NAMES:
                names[_NAMES.index(identifier)] = self._text(entry, kind)
            elif identifier == tnef.MIME_TAG:
                declared = self._text(entry, kind)[:255].lower()
            self._rest.append(entry)
        shown = tuple(dict.fromkeys(names[rank] for rank in sorted(names) if names[rank]))
        for entry in contents:
            if entry.kind != STORAGE:
                yield Member(shown, self._file.chunks(entry), declared, size=entry.size)
            else:
                whole, is_message = self._whole(entry)
                yield Member((*(f"{shown[0]}.msg" for _ in shown[:1] if is_message), *shown), [whole], declared)

    def _whole(self, storage: Entry) -> tuple[bytes, bool]:
        root = writer.copy(self._file, storage, len(self._file.data))
        for each in root.children:
            if each.name.lower() == _PROPERTIES and each.data is not None:  # 2.4.1.1: eight bytes less than outside
                each.data = each.data[:_INNER] + bytes(_TOP - _INNER) + each.data[_INNER:]
                return writer.write(root), True
        return writer.write(root), False

    def texts(self) -> Iterator[Member]:
        """Of the message itself; all else that it has is kept for ``rest``."""
        for entry in self._file.children.get(0, []):
            identifier, kind = _property(entry)
            if identifier == tnef.RTF:
                yield Member(("body.rtf",), lzfu.decompress(self._file.read(entry)))
            elif identifier in (tnef.PLAIN_TEXT, tnef.HTML):
                name = "body.html" if identifier == tnef.HTML else "body.txt"
                data = self._file.read(entry)
                if kind == tnef.UNICODE:  # as UTF-8, which all that comes after reads
                    data = _wide(data).encode("utf-8", "replace")
                yield Member((name,), [data], declared="text/html" if identifier == tnef.HTML else "text/plain")
            elif entry.name.lower().startswith(_OTHERS) or (entry.kind != STORAGE and identifier):
                self._rest.append(entry)

    def rest(self) -> Iterator[bytes]:
        """Whatever else the message says of itself, its recipients and attachments, in one.  It begins with numbers:
        the header that it came with would make a mail of all that follows."""
        waiting = sorted(self._rest, key=lambda each: each.name.lower() == _PROPERTIES)
        while waiting:
            entry = waiting.pop()
            if entry.kind == STORAGE:
                waiting += self._file.children.get(entry.number, [])
            else:
                yield self._file.read(entry)

    def _text(self, entry: Entry, kind: int) -> str:
        data = self._file.read(entry)[:_LONGEST]
        return _wide(data).partition("\0")[0] if kind == tnef.UNICODE else tnef.string(data, self._charset)


def _property(entry: Entry) -> tuple[int, int]:
    """2.2: the name of a stream is the number of a property and its type; 0 for others."""
    found = _PROPERTY.match(entry.name)
    return (int(found[1], 16), int(found[2], 16)) if found else (0, 0)


def _wide(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16-le", "replace")


def _charset(properties: bytes) -> str:
    """2.4: entries of sixteen bytes: type, number, flags, value."""
    found = {}
    for at in range(_TOP, len(properties) - 15, 16):
        identifier = int.from_bytes(properties[at + 2 : at + 4], "little")
        if identifier in _CODE_PAGES:
            found[identifier] = tnef.charset(properties[at + 8 : at + 12])
    return next((found[each] for each in _CODE_PAGES if found.get(each)), "")
