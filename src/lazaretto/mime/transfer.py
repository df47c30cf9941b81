"""Content-Transfer-Encoding (RFC 2045, 6): from the bytes of a body to what was meant, and to what else readers make
of it.

Nothing here raises for any input.  ``decoded`` is the standard reading; ``rivals`` are the others, tried only where
the field or the encoded bytes leave a doubt.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from lazaretto.mime import base64, defects, header
from lazaretto.mime.content import token
from lazaretto.mime.legacy import binhex, uu, yenc
from lazaretto.mime.legacy.found import Whole
from lazaretto.model import Message, Part


class Decoded(NamedTuple):
    """Decoded bytes and what was odd about the encoded ones."""

    data: bytes
    defects: tuple[str, ...] = ()


class Rival(NamedTuple):
    """What another reader makes of the same body, and how."""

    data: bytes
    reading: str
    plausible: bool  # somebody is known to read it so


IDENTITY, BASE64, QUOTED_PRINTABLE = "identity", "base64", "quoted-printable"
UUENCODE, XXENCODE, YENC, BINHEX = "uuencode", "xxencode", "yenc", "binhex"

_TOKENS: Final = {
    # RFC 2045, 6.1: tokens and what they stand for; "" is the default, 7bit
    "": IDENTITY,
    "7bit": IDENTITY,
    "8bit": IDENTITY,
    "binary": IDENTITY,
    "base64": BASE64,
    "quoted-printable": QUOTED_PRINTABLE,
    # never registered, but Thunderbird and Outlook decode them
    "x-uuencode": UUENCODE,
    "x-uue": UUENCODE,
    "uuencode": UUENCODE,
    "uue": UUENCODE,
    "x-uu": UUENCODE,
    "uu": UUENCODE,
    "x-xxencode": XXENCODE,
    "xxencode": XXENCODE,
    "x-xx": XXENCODE,
    "xx": XXENCODE,
    # Thunderbird alone
    "x-yencode": YENC,
    "yencode": YENC,
    "x-yenc": YENC,
    "yenc": YENC,
    # RFC 1741; old mail programs of the Macintosh
    "mac-binhex40": BINHEX,
    "x-mac-binhex40": BINHEX,
    "binhex40": BINHEX,
    "binhex": BINHEX,
    "x-binhex": BINHEX,
    # base64 of a gzip file, which is opened like any other
    "gzip64": BASE64,
    "x-gzip64": BASE64,
}
REGISTERED: Final = frozenset({"", "7bit", "8bit", "binary", "base64", "quoted-printable"})  # RFC 2045, 6.1
# A token anywhere in a value that is none; abbreviations as some readers accept them.
_KNOWN: Final = re.compile(
    r"gzip64|base64|quoted-printable|x-uue|uuencode|xxencode|yencode|binhex|7bit|8bit|binary|\bq\b|\bb\b|quoted|base"
)
_READ_AS: Final = {"q": QUOTED_PRINTABLE, "quoted": QUOTED_PRINTABLE, "b": BASE64, "base": BASE64}
_ANYWHERE: Final = re.compile(rb"base64|quoted-printable|uuencode|x-uue|xxencode|yencode|binhex|gzip64")
_SNIFFED: Final = 4096  # bytes looked at when the declared encoding says nothing
_LOOKS_BASE64: Final = re.compile(rb"\s*+(?:[A-Za-z0-9+/]{40,}+=*\s++)*[A-Za-z0-9+/]++={0,2}\s*+")
_LOOKS_QP: Final = re.compile(rb"=(?:[0-9A-F]{2}|\r?\n)")

# Defects of a header that make its Content-Transfer-Encoding doubtful.
_DOUBTFUL: Final = frozenset(
    {
        defects.DUPLICATE_FIELD,
        defects.BAD_ENCODING,
        defects.ODD_FIELD,
        defects.JUNK_LINE,
        defects.NO_SEPARATOR,
        defects.BLANK_LINE,
        defects.BARE_CR,
        defects.CONTROLS,
    }
)


def body(message: Message | bytes, part: Part) -> bytes:
    """The body of a part with its transfer encoding undone; of a multipart, its bytes as they are."""
    return decoded(message, part).data


def decoded(message: Message | bytes, part: Part) -> Decoded:
    """As ``body``, with the defects of the encoding beside the bytes."""
    raw = message.raw if isinstance(message, Message) else message
    if part.children:
        return Decoded(raw[part.body : part.end])
    return transfer(raw, part.encoding, part.body, part.end)


def transfer(raw: bytes, encoding: str, start: int = 0, end: int | None = None) -> Decoded:
    """Undoes a transfer encoding on ``raw[start:end]``.

    ``encoding`` is the field's value as written, in lower case.  When it is no token of RFC 2045, the first
    known token in it counts (as in Thunderbird); when there is none, the bytes decide.
    """
    end = len(raw) if end is None else end
    data, odd = _DECODERS[_standard(raw, encoding, start, end)](raw, start, end)
    return Decoded(data, odd if encoding in _TOKENS else (defects.BAD_ENCODING, *odd))


def _standard(raw: bytes, encoding: str, start: int, end: int) -> str:
    known = _TOKENS.get(encoding)
    return known or next(_tokens(encoding), None) or _sniff(raw[start : min(end, start + _SNIFFED)])


def doubtful(part: Part, first: Decoded) -> bool:
    """Whether anybody may decode the body of this leaf otherwise."""
    return bool(first.defects) or part.encoding not in REGISTERED or not _DOUBTFUL.isdisjoint(part.defects)


def rivals(raw: bytes, part: Part, first: Decoded) -> Iterator[Rival]:
    """Everything else that the body of a leaf may decode to; each differs from ``first`` and from the others."""
    seen = {first.data}
    for kind, plausible in _kinds(raw, part).items():
        for other in _all(raw, part, kind, plausible, first):
            if other.data not in seen:
                seen.add(other.data)
                yield other


def _all(raw: bytes, part: Part, kind: str, plausible: bool, first: Decoded) -> Iterator[Rival]:
    if kind == _standard(raw, part.encoding, part.body, part.end):
        odd = first.defects
    else:
        data, odd = _DECODERS[kind](raw, part.body, part.end)
        yield Rival(data, kind, plausible)
    if kind == BASE64 and not base64.DAMAGED.isdisjoint(odd):
        for name, other, known in base64.rivals(raw[part.body : part.end]):
            yield Rival(other, name, plausible and known)
        # Whoever reads a mail as a stream (munpack, UUDeview) meets what stands beside the base64.
        if beside := _BESIDE.search(raw, part.body, part.end):
            line = max(raw.rfind(b"\n", part.body, beside.start()), raw.rfind(b"\r", part.body, beside.start())) + 1
            yield Rival(raw[max(line, part.body) : part.end], IDENTITY, False)
    if kind == QUOTED_PRINTABLE and odd and LIMIT_QP not in odd:
        # Python's own, which drops everything between "=\r" and the next LF, and of "==" one.
        yield Rival(binascii.a2b_qp(memoryview(raw)[part.body : part.end]), "quoted-printable-binascii", False)
        # Without what is no escape: RFC 2045, 6.7 leaves it to the reader what to do with that.
        cleaned = _without(_NO_ESCAPE, raw, part.body, part.end)
        for reading, encoded in (("cleaned", cleaned), ("squeezed", _squeezed(raw[part.body : part.end]))):
            yield Rival(_quoted_printable(encoded, 0, len(encoded)).data, f"quoted-printable-{reading}", False)


def _kinds(raw: bytes, part: Part) -> dict[str, bool]:
    """The encodings that readers may apply, and whether one is known that does."""
    found: dict[str, bool] = {}
    doubtful_header = not _DOUBTFUL.isdisjoint(part.defects)
    values = [part.encoding]
    if doubtful_header:
        fields = header.fields(raw, part)
        values += [token(field.value) for field in fields if field.name == "content-transfer-encoding"]
    for value in values:
        if value in _TOKENS:
            found.setdefault(_TOKENS[value], True)
        for kind in _tokens(value):
            found.setdefault(kind, True)
        if value not in REGISTERED:
            found.setdefault(IDENTITY, value not in _TOKENS)  # Apple Mail and mutt decode no unregistered one
            found.setdefault(_sniff(raw[part.body : min(part.end, part.body + _SNIFFED)]), False)
    if doubtful_header:
        for name in set(_ANYWHERE.findall(raw[part.start : min(part.body, part.start + header.MAX_HEADER)].lower())):
            found.setdefault(next(_tokens(name.decode()), IDENTITY), False)
        found.setdefault(_sniff(raw[part.body : min(part.end, part.body + _SNIFFED)]), False)
        found.setdefault(IDENTITY, False)
    return found


def _tokens(value: str) -> Iterator[str]:
    for found in _KNOWN.findall(value):
        yield _TOKENS.get(found) or _READ_AS[found]


def _sniff(head: bytes) -> str:
    if uu.begins(head):
        return UUENCODE
    if len(head) >= 16 and _LOOKS_BASE64.fullmatch(head):
        return BASE64
    return QUOTED_PRINTABLE if len(_LOOKS_QP.findall(head)) > 2 else IDENTITY


def _identity(raw: bytes, start: int, end: int) -> Decoded:
    return Decoded(raw[start:end])


def _base64(raw: bytes, start: int, end: int) -> Decoded:
    return Decoded(*base64.decode(raw, start, end))


_BESIDE = re.compile(rb"[^A-Za-z0-9+/=\s]")
_ODD_QP = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)")
_NEEDLESS = re.compile(rb"(?:=(?:3[0-9]|[4-7][0-9A-Fa-f])[^=]{0,3}){6}")
_NOT_SEEN = bytes(range(0x21)) + b"\x7f"
# Those that binascii does not know.
_ODD_BREAK = re.compile(rb"=(?:[ \t]++(?:\r++\n?+|\n|\Z)|\r(?!\n)\r*+\n?+|\Z)")
_MOST_ODD = 200_000  # places in one body
LIMIT_LEGACY: Final = "limit-legacy"  # more came out of uuencode, yEnc or BinHex than is decoded
LIMIT_QP: Final = "limit-quoted-printable"  # more odd places than are made good
_NO_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*[\r\n])[^\r\n=]{0,2}")


def _quoted_printable(raw: bytes, start: int, end: int) -> Decoded:
    needless = (defects.QP_NEEDLESS,) if _escapes_letters(raw, start, end) else ()
    if _ODD_QP.search(raw, start, end) is None:
        return Decoded(binascii.a2b_qp(memoryview(raw)[start:end]), needless)
    # Blanks behind a soft break are added in transport (RFC 2045, 6.7, rule 3); bare CR and CRCRLF come from
    # broken line-end conversions.  binascii would drop everything between "=\r" and the next LF.
    if next(islice(_ODD_QP.finditer(raw, start, end), _MOST_ODD, None), None):
        return Decoded(binascii.a2b_qp(memoryview(raw)[start:end]), (defects.QP_ODD, LIMIT_QP))
    data = _without(_ODD_BREAK, raw, start, end)
    # "==" is one literal "=" and a new start; binascii would swallow the second.  Twice, for runs of three and more.
    data = data.replace(b"==", b"=3D=").replace(b"==", b"=3D=")
    return Decoded(binascii.a2b_qp(data), (defects.QP_ODD, *needless))


def _escapes_letters(raw: bytes, start: int, end: int) -> bool:
    # Where letters are escaped, one is the most common of them all; the search for it alone is quick.
    some = raw.find(b"=65", start, end) >= 0 or raw.find(b"=45", start, end) >= 0
    return some and _NEEDLESS.search(raw, start, end) is not None


def _without(pattern: re.Pattern[bytes], raw: bytes, start: int, end: int) -> bytes:
    """``raw[start:end]`` without what matches.  Not by re.sub: it keeps 80 bytes for each piece."""
    kept = bytearray()
    for odd in pattern.finditer(raw, start, end):
        kept += raw[start : odd.start()]
        start = odd.end()
    return bytes(kept + raw[start:end])


def _squeezed(encoded: bytes) -> bytes:
    """Without soft breaks, and then without blanks, line ends and controls: for whoever sees only the escapes."""
    lines = (line.rstrip(b"\r \t").removesuffix(b"=") for line in encoded.split(b"\n"))
    return b"".join(lines).translate(None, _NOT_SEEN)


def _legacy(decode: Callable[[bytes], Whole]) -> Callable[[bytes, int, int], Decoded]:
    def decoder(raw: bytes, start: int, end: int) -> Decoded:
        data, sound, cut = decode(raw[start:end])
        return Decoded(data, (defects.LEGACY_DAMAGED,) * (not sound) + (LIMIT_LEGACY,) * cut)

    return decoder


_DECODERS: Final[Mapping[str, Callable[[bytes, int, int], Decoded]]] = {
    IDENTITY: _identity,
    BASE64: _base64,
    QUOTED_PRINTABLE: _quoted_printable,
    UUENCODE: _legacy(uu.decode),
    XXENCODE: _legacy(uu.decode_xx),
    YENC: _legacy(yenc.decode),
    BINHEX: _legacy(binhex.decode),
}
