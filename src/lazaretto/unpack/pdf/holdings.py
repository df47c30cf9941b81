"""What the objects of a PDF hold beside streams: scripts, links, names of files (ISO 32000-1, 7.11 and 12.6.4)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lazaretto.model import Finding
from lazaretto.unpack.pdf.actions import Reports
from lazaretto.unpack.pdf.filters import PICTURES
from lazaretto.unpack.pdf.scan import Place, Scan, Stream
from lazaretto.unpack.pdf.syntax import Reference

_KEEP = 20_000  # scripts, links and names of one file, each; there are never more streams than objects
_KEEP_BYTES = 64 * 2**20  # of scripts and long strings
_OCTETS = 500  # strings that are no text
_LONG = 200  # bytes of a string; payloads that scripts fetch from annotations and properties
CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1a]")
_FILE_NAMES = ("UF", "F", "Unix", "Mac", "DOS", "Desc")
_FILTERS = 2  # that an honest stream may have: one for compression and one for seven bits
_PAGES, _LINKS, _PICTURES = 2, 2, 4  # of a document that is a lure
_WIDE = 0.2  # of a page; honest links are as large as the words on them
_SHOWN = 8
_REACH = 5_000  # values inside a form's array


class Holdings:
    """``walk`` is given every object, ``finish`` comes then."""

    def __init__(self, scan: Scan) -> None:
        self.scripts: list[tuple[int, bytes]] = []
        self.strings: list[bytes] = []
        self.octets: list[tuple[int, bytes]] = []  # strings that are no text
        self.links: dict[str, None] = {}
        self.reports = Reports()
        self.full = False  # there was more than is kept
        self._scan = scan
        self._names: dict[int, list[str]] = {}  # of streams, by number
        self._keys: dict[int, list[str]] = {}  # of file specifications in a name tree
        self._files: list[tuple[int, list[str], list[int]]] = []
        self._later: list[tuple[str, Reference, Place]] = []
        self._areas: list[tuple[float, str]] = []  # of links
        self._bytes = 0

    def names(self, stream: Stream) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._names.get(stream.number, ())))

    def findings(self) -> Iterator[Finding]:
        return self.reports.findings()

    def walk(self, place: Place, top: object) -> None:
        stack = [top]
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                self._dictionary(place, value, place.number if value is top else -1)
                stack.extend(value.values())
            elif isinstance(value, list):
                stack.extend(value)
            elif isinstance(value, bytes) and len(value) >= _LONG:
                self._keep_string(place.number, self._scan.string(value, place))

    def finish(self) -> None:
        """Follows what refers to something that came later."""
        for role, reference, place in self._later:
            for target in self._scan.places(reference.number):
                value = self._scan.parsed(target)
                if role == "JS" and isinstance(value, bytes):
                    self._script(target, value)
                elif role == "XFA" and isinstance(value, list):
                    self._form(place, value)
            self._name(reference.number, f"script-{reference.number}.js" if role == "JS" else "xfa.xml", role)
        for number, names, streams in self._files:
            for stream in streams:
                for name in (*names, *self._keys.get(number, ())):
                    self._name(stream, name, "")
        for name in sorted(self._scan.escaped):
            self.reports.add("pdf.escaped", name)
        self._look_at_streams()

    def _look_at_streams(self) -> None:
        """Filters that nobody needs, and whether there is anything to read."""
        pictures: set[int] = set()
        for stream in self._scan.streams:
            if stream.subtype == "Image":
                pictures.add(stream.number)
            if stream.filters is None or stream.subtype == "Image":
                continue
            names = [each.name for each in self._scan.chain(stream)]
            if len(names) > _FILTERS or not PICTURES.isdisjoint(names):
                self.reports.add("pdf.filters", f"object {stream.number}: {' '.join(names[:_SHOWN])}")
        for size, link in self._areas:  # only now is it known how large a page is
            if (part := size / self._scan.area) >= _WIDE:
                self.reports.add("pdf.wide-link", f"{min(part, 1):.0%} of a page: {link}")
        few = 0 < self._scan.pages <= _PAGES and 0 < len(self.links) <= _LINKS and 0 < len(pictures) <= _PICTURES
        if few and not self._scan.fonts:
            self.reports.add("pdf.picture", ", ".join(self.links))

    def _name(self, number: int, name: str, role: str) -> None:
        if role == "JS":
            self.reports.add("pdf.javascript", f"object {number}")
        names = self._names.setdefault(number, [])
        if len(names) < 32:
            names.append(name)

    def _dictionary(self, place: Place, value: dict[str, object], number: int) -> None:
        if "JS" in value:
            self._refer("JS", value["JS"], place)
        if "XFA" in value:
            self._refer("XFA", value["XFA"], place)
        if "EF" in value:
            self._file(place, value, number)
        if "Names" in value:
            self._tree(place, value["Names"])
        if "JavaScript" in value and "S" not in value:  # 7.7.4: scripts of the document, run when it is opened
            self.reports.add("pdf.opening", "JavaScript of the document")
        if isinstance(link := self._scan.resolve(value.get("URI")), bytes):
            self._link(self._text(link, place))
        if "Rect" in value and "A" in value:
            self._annotation(place, value)
        if value.get("FS") == "URL" and isinstance(link := self._scan.resolve(value.get("F")), bytes):
            self._link(self._text(link, place))
        if "OpenAction" in value or "AA" in value:
            self.reports.opening(value, self._scan.resolve)
        self.reports.action(value, lambda each: self._target(place, each), self._scan.resolve)
        self.reports.media(value)

    def _annotation(self, place: Place, value: dict[str, object]) -> None:
        """12.5.6.5: a link, and how much of the page it takes."""
        action, box = self._scan.resolve(value["A"]), self._scan.resolve(value["Rect"])
        link = self._scan.resolve(action.get("URI")) if isinstance(action, dict) else None
        if isinstance(link, bytes) and isinstance(box, list) and len(box) == 4:
            corners = [each for each in box if isinstance(each, int | float)]
            if len(corners) == 4 and self._room(len(self._areas)):
                size = abs((corners[2] - corners[0]) * (corners[3] - corners[1]))
                self._areas.append((size, self._text(link, place)))

    def _refer(self, role: str, value: object, place: Place) -> None:
        if isinstance(value, Reference):
            if self._room(len(self._later)):
                self._later.append((role, value, place))
        elif role == "JS" and isinstance(value, bytes):
            self._script(place, value)
        elif role == "XFA" and isinstance(value, list):
            self._form(place, value)

    def _form(self, place: Place, packets: list[object]) -> None:
        """12.7.8: names and streams of the packets of a form, by turns."""
        for name, packet in zip(packets[:_REACH:2], packets[1:_REACH:2], strict=False):
            if isinstance(packet, Reference):
                label = self._text(name, place) if isinstance(name, bytes) else ""
                self._name(packet.number, f"xfa-{label}.xml" if label else "xfa.xml", "XFA")

    def _script(self, place: Place, value: bytes) -> None:
        script = as_bytes(self._scan.string(value, place))
        self.reports.add("pdf.javascript", f"object {place.number}")
        if script and self._room(len(self.scripts), len(script)):
            self.scripts.append((place.number, script))

    def _keep_string(self, number: int, value: bytes) -> None:
        if not value or not self._room(len(self.strings) + len(self.octets), len(value)):
            return
        text = as_bytes(value)
        if len(self.octets) < _OCTETS and CONTROLS.search(text):
            self.octets.append((number, value))
        else:
            self.strings.append(text)

    def _room(self, count: int, size: int = 0) -> bool:
        self._bytes += size
        if count >= _KEEP or self._bytes > _KEEP_BYTES:
            self.full = True
            return False
        return True

    def _link(self, link: str) -> None:
        if link and self._room(len(self.links), len(link)):
            self.links[link] = None
            self.reports.link(link)

    def _file(self, place: Place, value: dict[str, object], number: int) -> None:
        """A file specification (7.11.3) with the file in it."""
        found = self._scan.resolve(value["EF"])
        files = list(found.values()) if isinstance(found, dict) else []
        streams = list(dict.fromkeys(each.number for each in files if isinstance(each, Reference)))
        names = [self._target(place, value.get(key)) for key in _FILE_NAMES]
        if self._room(len(self._files)):
            self._files.append((number, [name for name in names if name], streams[:32]))

    def _tree(self, place: Place, value: object) -> None:
        """A leaf of a name tree (7.9.6): keys and values by turns."""
        pairs = self._scan.resolve(value)
        if not isinstance(pairs, list):
            return
        for key, target in zip(pairs[::2], pairs[1::2], strict=False):
            if isinstance(key, bytes) and isinstance(target, Reference) and self._room(len(self._keys)):
                self._keys.setdefault(target.number, []).append(self._text(key, place))

    def _target(self, place: Place, value: object) -> str:
        """A text, or the name in a file specification."""
        value = self._scan.resolve(value)
        if isinstance(value, dict):
            for key in _FILE_NAMES:
                if isinstance(found := self._scan.resolve(value.get(key)), bytes):
                    return self._text(found, place)
        return self._text(value, place) if isinstance(value, bytes) else ""

    def _text(self, value: bytes, place: Place) -> str:
        return as_text(self._scan.string(value, place))


def as_text(value: bytes) -> str:
    """7.9.2.2: UTF-16 or UTF-8 by its mark, else a charset of PDF's own that is nearly Latin-1."""
    for mark, codec in ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le")):
        if value.startswith(mark):
            return value[2:].decode(codec, "replace").rstrip("\0")
    if value.startswith(codecs.BOM_UTF8):
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1").rstrip("\0")


def as_bytes(value: bytes) -> bytes:
    """What engines can search: UTF-16 becomes UTF-8, all else stays."""
    return as_text(value).encode("utf-8", "replace") if value[:2] in (b"\xfe\xff", b"\xff\xfe") else value
