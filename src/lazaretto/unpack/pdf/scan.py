"""Every object that stands in a file, whether a cross-reference table names it or not: those of older revisions, those
that nothing refers to, and those inside of streams."""

from __future__ import annotations

import contextlib
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lazaretto.errors import LimitExceeded
from lazaretto.unpack.pdf.crypt import BINARY, Keys, likely
from lazaretto.unpack.pdf.filters import ABBREVIATIONS, Filter, Meter, decoded
from lazaretto.unpack.pdf.syntax import SPACE, Name, Reference, Work, parse, skip

OBJECTS = 200_000
_PLACES = 8  # of one number that are looked at: as many revisions
_UNPACKED = 64 * 2**20  # bytes of all streams of objects
_FILTERS = 64  # one more than a chain may have; the rest is cut off
_GAP = rb"(?:[%b]++|%%[^\r\n]{0,80}+[\r\n]){1,24}" % SPACE
_HEADER = re.compile(rb"(?<![0-9])([0-9]{1,10}+)%b([0-9]{1,10}+)(?:%b)?obj" % (_GAP, _GAP))
_STREAM = re.compile(rb"stream(?:\r\n|\n|\r)?")
_END = re.compile(rb"endstream")
_NUMBERS = re.compile(rb"[0-9]{1,10}")
# Keys of which something comes; "#" because a name may be written with escapes (7.3.5).
_KEYS = re.compile(
    rb"stream|#|<[0-9A-Fa-f\s]{400}|/(?:JS|URI|EF|XFA|Launch|GoTo[RE]|SubmitForm|ImportData|Names|RichMedia|3D|Movie"
    rb"|Rendition|Encrypt|OpenAction|AA(?![A-Za-z])|A[%b]{0,3}[0-9])" % SPACE
)
_SIZE = re.compile(rb"/MediaBox[%b]*+\[((?:[%b]*+-?[0-9.]{1,12}){4})" % (SPACE, SPACE))
_LEAST_PAGE = 10_000  # square points
_PAGE = re.compile(rb"/Type[%b]*+/Page(?![A-Za-z])" % SPACE)
_BEGIN_WORDS = b" \t\r\n/[<("
_SHORT_STRING = re.compile(rb"\([^()<>\\%]{0,199}+\)")  # nothing comes of them
_PARAMETERS = ("Predictor", "Colors", "BitsPerComponent", "Columns", "EarlyChange")


class Place(NamedTuple):
    """Where an object stands.  ``plain``: its strings are not encrypted, whatever the file says."""

    data: bytes
    at: int
    number: int
    generation: int
    plain: bool = False


class Stream(NamedTuple):
    """A stream's extent and what its dictionary says of it, references not yet followed."""

    number: int
    generation: int
    raw: bytes | tuple[int, int]
    filters: object
    parameters: object
    kind: str
    subtype: str
    first: object  # of the objects in a stream of objects


class Scan:
    """``objects`` is asked once and to its end; then ``streams`` has all streams in the order of the file."""

    def __init__(self, data: bytes, meter: Meter, keys: Keys | None = None, *, locked: bool = False) -> None:
        self.data, self.keys, self.locked = data, keys, locked
        self.streams: list[Stream] = []
        self.trouble: dict[str, None] = {}  # limits that were met
        self._meter, self._work = meter, Work(len(data))
        self._where: dict[int, list[Place]] = {}
        self._ends = array("Q")
        self._count = 0
        self.weight = 0  # words of all objects, and some more
        self._left = _UNPACKED
        self.pages = self.fonts = 0
        self.area = 595.0 * 842.0  # of the smallest page, in square points; A4 where none says it

    @property
    def escaped(self) -> set[str]:
        return self._work.escaped

    @property
    def known(self) -> set[tuple[int, int]]:
        return {(place.number, place.generation) for places in self._where.values() for place in places}

    def objects(self) -> Iterator[tuple[Place, object]]:
        """Those that something may come of, with their places."""
        self._ends = array("Q", (found.start() for found in _END.finditer(self.data)))
        yield from self._written()
        for stream in list(self.streams):
            if stream.kind == "ObjStm":
                yield from self._packed(stream)

    def _written(self) -> Iterator[tuple[Place, object]]:
        headers: list[tuple[int, Place]] = []
        for header in _HEADER.finditer(self.data):  # all, before one is read: a length may stand behind its stream
            place = Place(self.data, header.end(), int(header[1]), int(header[2]))
            headers.append((header.start(), place))
            if not self.note(place):
                break
        starts = [start for start, _ in headers[1:]]
        for (_, place), following in zip(headers, [*starts, len(self.data)], strict=False):
            self._weigh(self.data, place.at, following)
            if self._promises(self.data, place.at, following):
                value, end = parse(self.data, place.at, self._work)
                yield from self._stream(place, value, end)

    def _weigh(self, data: bytes, start: int, end: int) -> None:
        """By the characters that words begin behind; what stands in streams does not count."""
        stream = data.find(b"stream", start, end)
        words = data[start : stream if stream >= 0 else end]
        if b"/Page" in words:
            self.pages += len(_PAGE.findall(words))
        if found := _SIZE.search(words):
            self._measure(found[1].split())
        self.fonts += words.count(b"/BaseFont")
        self.weight += len(words) - len(words.translate(None, _BEGIN_WORDS))

    def _measure(self, box: list[bytes]) -> None:
        with contextlib.suppress(ValueError):
            left, bottom, right, top = map(float, box)
            if (area := abs((right - left) * (top - bottom))) >= _LEAST_PAGE:
                self.area = min(self.area, area)

    def note(self, place: Place) -> bool:
        """From now on references find it; False when there are too many."""
        self._count += 1
        if self._count > OBJECTS:
            self.trouble[f"more than {OBJECTS} objects"] = None
            return False
        self._where.setdefault(place.number, []).append(place)
        return True

    def add(self, place: Place, raw: bytes | None) -> Iterator[tuple[Place, object]]:
        """One that somebody else has found."""
        value, _ = parse(place.data, place.at, self._work)
        if raw is None:
            self.note(place)
            yield place, value
        elif isinstance(value, dict):
            self._work.spend(len(raw))  # here too they may lie over one another
            self.streams.append(_stream_of(place, value, raw))
            yield place, value

    @staticmethod
    def _promises(data: bytes, start: int, end: int) -> bool:
        """Whether it is worth reading.  What ends within a string or a dictionary is read too: it goes on behind a
        header, or an offset, that is none."""
        if _KEYS.search(data, start, end):
            return True
        rest = _SHORT_STRING.sub(b"", data[start:end])
        return b"(" in rest or b"%" in rest or rest.count(b"<") != rest.count(b">")

    def _stream(self, place: Place, value: object, end: int) -> Iterator[tuple[Place, object]]:
        """What was parsed, after its stream if it has one."""
        if isinstance(value, dict) and (begin := _STREAM.match(self.data, skip(self.data, end))):
            stop = self._stop(begin.end(), value.get("Length"))
            self.streams.append(_stream_of(place, value, (begin.end(), stop)))
        yield place, value

    def _stop(self, start: int, length: object) -> int:
        """Where the data of a stream ends: by its length if that leads to ``endstream``, else there (readers do the
        same), or else never."""
        if isinstance(length, Reference):
            length = self.resolve(length)
        if isinstance(length, int) and 0 <= length <= len(self.data) - start:
            stop = start + length
            if self.data.startswith(b"endstream", skip(self.data, stop) if stop < len(self.data) else stop):
                return stop
        index = bisect_left(self._ends, start)
        return self._ends[index] if index < len(self._ends) else len(self.data)

    def _packed(self, stream: Stream) -> Iterator[tuple[Place, object]]:
        """7.5.7: pairs of number and offset, then the objects."""
        data = self._unpacked(stream)
        self._weigh(data, 0, len(data))
        base = self.resolve(stream.first)
        base = base if isinstance(base, int) and 0 < base <= len(data) else _table(data)
        numbers = [int(each[0]) for each in islice(_NUMBERS.finditer(data, 0, base), OBJECTS * 2)]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        offsets = sorted({base + offset for _, offset in pairs})
        following = dict(zip(offsets, [*offsets[1:], len(data)], strict=False))
        for number, offset in pairs:
            place = Place(data, base + offset, number, 0, plain=True)
            if not self.note(place):
                break
            end = following.pop(place.at, -1)  # several numbers may lead to one object: it is read once
            if end >= 0 and self._promises(data, place.at, end):
                yield place, parse(data, place.at, self._work)[0]

    def _unpacked(self, stream: Stream) -> bytes:
        parts = []
        for chunk in decoded(self.raw(stream), self.chain(stream), self._meter):
            self._left -= len(chunk)
            self._work.left += 2 * len(chunk)
            if self._left < 0:
                raise LimitExceeded("pdf", f"more than {_UNPACKED} bytes of streams of objects in a PDF")
            parts.append(chunk)
        return b"".join(parts)

    def raw(self, stream: Stream) -> bytes:
        """As its filters want it.  In an encrypted file some streams are not (those of revisions before it was, and
        those that nobody encrypts); of a locked one only these are given."""
        if isinstance(stream.raw, bytes):  # libqpdf has decrypted it
            return stream.raw
        start, stop = stream.raw
        self._work.spend(stop - start)  # they may lie over one another
        data = self.data[start:stop]
        if not (self.keys or self.locked) or stream.kind == "XRef":
            return data
        chain = self.chain(stream)
        if self.keys is None:
            return data if likely(data, chain) else b""
        opened = self.keys.stream(data, stream.number, stream.generation, file=stream.kind == "EmbeddedFile")
        return data if likely(data, chain) and not likely(opened, chain) else opened

    def string(self, data: bytes, place: Place) -> bytes:
        """A string as it was before it was encrypted; b"" when that cannot be known."""
        if place.plain or not (self.keys or self.locked) or not BINARY.search(data):
            return data
        return self.keys.string(data, place.number, place.generation) if self.keys else b""

    def resolve(self, value: object) -> object:
        """Of several revisions the last.  A reference to a reference is followed a few times only."""
        for _ in range(4):
            if not isinstance(value, Reference):
                return value
            places = self.places(value.number)
            value = parse(places[-1].data, places[-1].at, self._work)[0] if places else None
        return None

    def places(self, number: int) -> list[Place]:
        return self._where.get(number, [])[-_PLACES:]

    def parsed(self, place: Place) -> object:
        return parse(place.data, place.at, self._work)[0]

    def chain(self, stream: Stream) -> tuple[Filter, ...]:
        names, parameters = self.resolve(stream.filters), self.resolve(stream.parameters)
        names = names if isinstance(names, list) else [names]
        several = parameters if isinstance(parameters, list) else [parameters]
        found = []
        for place, name in enumerate(names[:_FILTERS]):
            if isinstance(name := self.resolve(name), Name):
                given = self.resolve(several[place]) if place < len(several) else None
                found.append(Filter(ABBREVIATIONS.get(name, str(name)), self._parameters(given)))
        return tuple(found)

    def _parameters(self, given: object) -> tuple[tuple[str, int], ...]:
        if not isinstance(given, dict):
            return ()
        pairs = ((key, self.resolve(given[key])) for key in _PARAMETERS if key in given)
        found = [(key, value) for key, value in pairs if isinstance(value, int)]
        if given.get("Name") == "Identity":  # of the Crypt filter: not encrypted
            found.append(("Identity", 1))
        return tuple(found)


def _table(data: bytes) -> int:
    """Where the numbers in front of the objects end, where /First does not say it."""
    found = re.match(rb"[0-9%b]*+" % SPACE, data)
    return found.end() if found else 0


def _stream_of(place: Place, value: dict[str, object], raw: bytes | tuple[int, int]) -> Stream:
    kind, subtype = value.get("Type"), value.get("Subtype", value.get("S"))
    if kind is None and "First" in value and "N" in value:
        kind = "ObjStm"
    return Stream(
        place.number,
        place.generation,
        raw,
        value.get("Filter", value.get("F")),
        value.get("DecodeParms", value.get("DP")),
        str(kind) if isinstance(kind, str) else "",
        str(subtype) if isinstance(subtype, Name) else "",
        value.get("First"),
    )
