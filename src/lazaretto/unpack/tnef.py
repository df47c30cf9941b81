"""winmail.dat ([MS-OXTNEF]): the attachments and texts that Outlook wraps for Outlook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.errors import HostileInput
from lazaretto.mime import lzfu, tnef
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import TNEF

_NAMES = 64  # of one attachment

# Which name comes first: what Outlook shows, then what other readers do.
_RANKS = {tnef.LONG_FILE_NAME: 0, tnef.TRANSPORT_NAME: 1, tnef.FILE_NAME: 2, tnef.DISPLAY_NAME: 4}
_RANK_TRANSPORT, _RANK_TITLE = 1, 3
_INTERFACE = 16  # [MS-OXTNEF] 2.1.3.3: an object stands behind the id of the interface that reads it


class Tnef(Unpacker):
    """Attachments under all their names, embedded messages (TNEF again, opened in its turn), OLE objects as they
    are, and each text of the message."""

    name: ClassVar[str] = "tnef"
    types: ClassVar[frozenset[str]] = frozenset({TNEF})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        reader = tnef.Reader(artifact.data)
        charset, attachment = "", _Attachment()
        trouble: HostileInput | None = None  # said at the end: what can be read is given out first
        attributes = reader.attributes()
        while True:
            try:
                attribute = next(attributes, None)
                if attribute is None:
                    break
                if attribute.id == tnef.CODE_PAGE:
                    charset = tnef.charset(attribute.data)
                elif attribute.id == tnef.ATTACHMENT:
                    yield from attachment.members()
                    attachment = _Attachment()
                elif attribute.id == tnef.BODY:
                    yield Member(("body.txt",), [attribute.data.rstrip(b"\0")])
                elif attribute.id == tnef.MESSAGE_PROPERTIES:
                    yield from _texts(reader, attribute.data)
                else:
                    attachment.add(reader, attribute, charset)
            except HostileInput as error:  # of this attribute's properties, or it was the last
                trouble = trouble or error
        yield from attachment.members()
        if trouble:
            raise trouble


def _texts(reader: tnef.Reader, data: bytes) -> Iterator[Member]:
    for each in reader.properties(data):
        if each.id == tnef.RTF:
            yield from (Member(("body.rtf",), lzfu.decompress(value)) for value in each.values)
        elif each.id in (tnef.PLAIN_TEXT, tnef.HTML):
            name = "body.html" if each.id == tnef.HTML else "body.txt"
            if each.type == tnef.UNICODE:  # as UTF-8, which all that comes after reads
                yield Member((name,), [each.text("").encode()])
            else:
                yield from (Member((name,), [value.rstrip(b"\0")]) for value in each.values)


class _Attachment:
    """What is known of one until the next begins."""

    def __init__(self) -> None:
        self._names: list[tuple[int, str]] = []
        self._declared = ""
        self._contents: list[bytes] = []
        self._pictures: list[bytes] = []

    def add(self, reader: tnef.Reader, attribute: tnef.Attribute, charset: str) -> None:
        if attribute.id == tnef.ATTACHMENT_TITLE:
            self._name(_RANK_TITLE, tnef.string(attribute.data, charset))
        elif attribute.id == tnef.ATTACHMENT_NAME:
            self._name(_RANK_TRANSPORT, tnef.string(attribute.data, charset))
        elif attribute.id == tnef.ATTACHMENT_DATA:
            self._contents.append(attribute.data)
        elif attribute.id == tnef.ATTACHMENT_PICTURE:  # the icon that stands for it in the text
            self._pictures.append(attribute.data)
        elif attribute.id == tnef.ATTACHMENT_PROPERTIES:
            for each in reader.properties(attribute.data):
                self._property(each, charset)

    def _property(self, each: tnef.Property, charset: str) -> None:
        if each.id in _RANKS:
            self._name(_RANKS[each.id], each.text(charset))
        elif each.id == tnef.MIME_TAG:
            self._declared = each.text(charset)[:255].lower()
        elif each.id == tnef.DATA:
            self._contents += (_object(value) if each.type == tnef.OBJECT else value for value in each.values)

    def _name(self, rank: int, name: str) -> None:
        if name and len(self._names) < _NAMES:
            self._names.append((rank, name))

    def members(self) -> Iterator[Member]:
        names = tuple(dict.fromkeys(name for _, name in sorted(self._names, key=lambda each: each[0])))
        for content in self._contents:
            if content:
                yield Member(names, [content], self._declared)
        for picture in self._pictures:
            if picture:
                yield Member(("picture.wmf",), [picture])


def _object(value: bytes) -> bytes:
    return value if value.startswith(tnef.MAGIC) else value[_INTERFACE:]
