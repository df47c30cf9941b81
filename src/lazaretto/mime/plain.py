"""Headers and bodies that every reader takes the same way, made from those that may not be.

What is sound stays as it is, byte for byte; what is not is repaired, or left out where nobody can say what it means.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import encodebytes
from collections.abc import Iterator
from typing import Final

from lazaretto.mime import decode, defects, header, observed, write
from lazaretto.mime.parameters import parameters
from lazaretto.mime.readings import Reading
from lazaretto.mime.words import decode_words, unfold
from lazaretto.model import Part

_LONGEST: Final = 998  # RFC 5322, 2.1.1
_SHORT: Final = 78  # RFC 5322, 2.1.1: should be no longer; programs break or encode what is
_SPREAD: Final = 80  # bytes over which what looks like a Content-* field may spread
_MOST_PLAIN: Final = 1_000_000  # bytes of text that are looked at line by line

_CONTROLS = bytes({*range(32), 127} - {9, 10, 13})  # all but tab, LF and CR
_FIELD_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:")  # RFC 5322, 2.2; blanks before the colon: 4.5
_CUT = re.compile(rb"[^\n]{1,900}(?:(?=[ \t])|\Z)|[^\n]{1,900}")
_TOKENS = re.compile(r"([a-z0-9][a-z0-9!#$&^_.+-]{0,126})/([a-z0-9][a-z0-9!#$&^_.+-]{0,126})")  # RFC 6838, 4.2
_VALUE = re.compile(r"[A-Za-z0-9._+@<>/=$!#-]{1,200}")
_CHARSET = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,39}")
_ID = re.compile(r"[!#-'*+\x2d.0-9=?@A-Z^_`a-z{|}~/:\[\]]{1,500}")
# Parameters that say how a part is to be shown; a second file name is not among them.
_KEPT: Final = (
    *("format", "delsp", "method", "component"),  # RFC 3676, 3; RFC 5545, 8.1
    *("type", "start"),  # RFC 2387, 3
    *("protocol", "report-type", "smime-type"),  # RFC 1847, 2; RFC 6522, 3; RFC 8551, 3.2.2
)
_PLAIN_BYTES = bytes([9, 10, 13, *range(32, 127)])
# What readers take for something else at the beginning of a line: a delimiter, an mbox, the end of SMTP's data,
# the encodings of old.
_BEGINNINGS = (b"--", b"From ", b">From ", b".", b"begin", b"=y", b"(This file must")


def fields(raw: bytes, part: Part, newline: bytes) -> Iterator[bytes]:
    """The fields of a message without those of MIME, each with its line ends."""
    before = b""  # the end of what is written so far: a Content-* field may seem to stand in two fields together
    for written in _written(raw, part):
        found = _FIELD_LINE.match(written)
        name = found[1] if found else b""
        if not found or name.lower().startswith((b"content", b"mime-version")):
            continue
        field = name + written[found.end() - 1 :]
        if odd(field):
            field = _defused(name, field)
            if odd(field):  # the name itself
                continue
        lines = b"".join(line + newline for line in _folded(field.rstrip()))
        if not odd(before + lines):
            before = (before + lines)[-_SPREAD:]
            yield lines


def _written(raw: bytes, part: Part) -> Iterator[bytes]:
    """Each field with LF between its lines.  Lines that are none, and what continues them, are left out."""
    at = header.begin(raw) if part.start == 0 else part.start
    field: list[bytes] = []
    for line in raw[at : part.body].split(b"\n"):
        clean = line.rstrip(b"\r").replace(b"\r", b" ").translate(None, _CONTROLS)
        if clean[:1] in (b" ", b"\t") and field:
            if clean.strip():  # a line of blanks ends the header for some
                field.append(clean)
            continue
        if field and field[0]:
            yield b"\n".join(field)
        field = [clean if _FIELD_LINE.match(clean) else b""]
    if field and field[0]:
        yield b"\n".join(field)


def odd(field: bytes) -> bool:
    """Whether a Content-* field seems to stand within it."""
    return defects.ODD_FIELD in header.oddities(field, 0, len(field), ())


def _defused(name: bytes, field: bytes) -> bytes:
    """What looks like a Content-* field is none any more.  A subject reads as before."""
    if name.lower() == b"subject":
        words = decode_words(field[len(name) + 1 :]).encode("utf-8", "replace")
        encoded = (b"".join(b"=%02X" % byte for byte in words[at : at + 15]) for at in range(0, len(words), 15))
        return name + b":" + b"\n".join(b" =?utf-8?q?" + word + b"?=" for word in encoded)
    return name + re.sub(rb"(?i)con(?=tent)", rb"con-", field[len(name) :])


def _folded(field: bytes) -> Iterator[bytes]:
    for line in field.split(b"\n"):
        if len(line) <= _LONGEST:
            yield line
            continue
        for number, piece in enumerate(_CUT.findall(line)):
            if piece.strip():
                yield piece if number == 0 or piece[:1] in (b" ", b"\t") else b" " + piece


def media_type(part: Part, *, multipart: bool = False) -> str:
    """Two tokens that mean the same to everybody; what is none becomes the type that promises nothing."""
    kind = part.media_type
    sound = _TOKENS.fullmatch(kind) is not None and "oundary" not in kind and "content" not in kind
    if multipart:  # RFC 2046, 5.1.3: a multipart of an unknown kind is mixed; a signature is broken by the new form
        return kind if sound and kind != "multipart/signed" else "multipart/mixed"
    if kind.startswith(("text/", "multipart/")):  # the latter without parts: whoever shows it shows text
        return kind if sound and kind.startswith("text/") else "text/plain"
    return kind if sound and not kind.startswith("message/") else "application/octet-stream"


def type_field(raw: bytes, part: Part, reading: Reading, kind: str, boundary: str = "") -> str:
    """Content-Type with the parameters that matter; lines end in LF."""
    said = [field.value for field in header.fields(raw, part) if field.name == "content-type"]
    kept: dict[str, str] = {}
    # One that nobody knows says nothing, and makes some readers stop.
    if kind.startswith("text/") and _CHARSET.fullmatch(part.charset) and decode.is_known(part.charset):
        kept["charset"] = part.charset
    if said and part.media_type == kind:
        found = parameters(said[-1 if reading.last_field else 0])
        values = {key: found.get(key) for key in _KEPT if found.plain(key)}
        kept |= {key: each for key, each in values.items() if _VALUE.fullmatch(each) and "oundary" not in each}
    if boundary:
        kept["boundary"] = boundary
    return f"Content-Type: {kind}" + "".join(f';\n {key}="{value}"' for key, value in kept.items())


def name_of(part: Part) -> str:
    """The most credible name, as a file may be called: no path, nothing that cannot be seen."""
    for candidate in part.names:
        name = re.split(r"[/\\]", candidate)[-1].replace(":", "_").replace("=?", "=_")
        name = "".join(each for each in name if unicodedata.category(each)[0] not in "CZ" or each == " ")
        name = name.strip(" .") if name.strip(" .") else ""
        name = name if len(name) <= 200 else name[:100] + name[-100:]
        if name:
            return _harmless(name)
    return ""


def _harmless(name: str) -> str:
    """The name, unless a Content-* field seems to stand in it; then only what says how to open the file."""
    if not odd(f"X: {name}".encode()):
        return name
    ending = name.rpartition(".")[2]
    return f"attachment.{ending}" if re.fullmatch("[A-Za-z0-9]{1,6}", ending) else "attachment"


def about(raw: bytes, part: Part, *, attached: bool = False) -> list[str]:
    """Content-Disposition and Content-ID, where there is anything to say."""
    lines = []
    name = name_of(part)
    if attached or name or part.disposition:
        shown = "inline" if part.disposition.startswith("inline") and not attached else "attachment"
        given = write.parameter("filename", name).decode("ascii") if name else ""
        lines.append(f"Content-Disposition: {shown}{given}")
    if part.content_id and _ID.fullmatch(part.content_id) and not odd(f"X: {part.content_id}".encode()):
        lines.append(f"Content-ID: <{part.content_id}>")
    locations = [field.value for field in header.fields(raw, part) if field.name == "content-location"]
    location = unfold(locations[0]).decode("latin-1") if locations else ""
    if _ID.fullmatch(location) and not odd(f"X: {location}".encode()):  # RFC 2557: parts refer to each other by it
        lines.append(f"Content-Location: {location}")
    return lines


def body(data: bytes, kind: str, newline: bytes) -> tuple[str, bytes]:
    """A transfer encoding and the body in it, without the last line end of base64."""
    if kind.startswith("text/") and is_plain(data, newline):
        return "7bit", data
    return "base64", encodebytes(data).replace(b"\n", newline).removesuffix(newline)


def is_plain(data: bytes, newline: bytes) -> bool:
    """Whether a text needs no encoding, and no reader finds anything else in it."""
    if len(data) > _MOST_PLAIN or data.translate(None, _PLAIN_BYTES):
        return False
    if newline == b"\n" and b"\r" in data:
        return False
    lines = data.split(newline)
    if any(len(line) > _SHORT or line.endswith((b" ", b"\t")) or line.startswith(_BEGINNINGS) for line in lines):
        return False
    if any(b"\r" in line or b"\n" in line for line in lines):
        return False
    return not observed.Watch(data).shows(0, len(data))
