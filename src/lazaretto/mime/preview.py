"""A message made safe to look at: plain text, decoded, bounded, without anything that acts on a terminal or
turns the direction of writing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lazaretto.mime import header
from lazaretto.mime.decode import text
from lazaretto.mime.markup import to_text
from lazaretto.mime.transfer import body
from lazaretto.model import ArtifactSummary, Message, Part, Preview

LONGEST_TEXT = 256 * 1024  # characters
LONGEST_SOURCE = 1024 * 1024  # bytes of a part that are read; the tags of a page outweigh its text
LONGEST_HEADER = 64 * 1024  # characters, all fields together
LONGEST_VALUE = 8 * 1024  # characters

# Controls but for tab and line feed; bidirectional embeddings, overrides and isolates (Unicode UAX 9, 2).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def preview(message: Message, artifacts: Sequence[ArtifactSummary]) -> Preview:
    """Header and text of a message for people who decide about it.

    Every text part is shown, also the alternatives: what one of them hides is what matters here.  Attached
    text files are artifacts and are left to their list.  ``truncated`` says that something was cut.
    """
    fields, cut = _fields(message)
    pieces: list[str] = []
    room = LONGEST_TEXT
    shown = [part for part in message.root.walk() if _is_text(part)]
    for part in shown:
        if room <= 0:
            cut = True
            break
        piece, short = _part(message, part)
        if len(shown) > 1:
            piece = f"[{part.path or '0'}: {part.media_type}]\n{piece}"
        cut = cut or short or len(piece) > room
        pieces.append(piece[:room])
        room -= len(piece) + 2
    return Preview(header.properties(message), fields, "\n\n".join(pieces)[:LONGEST_TEXT], cut, tuple(artifacts))


def _is_text(part: Part) -> bool:
    texty = part.media_type.startswith("text/") or part.media_type in _HTML
    return texty and not part.children and part.disposition != "attachment"


def _part(message: Message, part: Part) -> tuple[str, bool]:
    data = body(message, part)
    short = len(data) > LONGEST_SOURCE
    written = text(data[:LONGEST_SOURCE], part.charset)
    if part.media_type in _HTML:
        written = to_text(written)
    return _UNSAFE.sub("\ufffd", written.replace("\r\n", "\n").replace("\r", "\n")).strip(), short


def _fields(message: Message) -> tuple[tuple[tuple[str, str], ...], bool]:
    found: list[tuple[str, str]] = []
    cut, room = False, LONGEST_HEADER
    for field in header.fields(message.raw, message.root):
        if room <= 0:
            return tuple(found), True
        name = message.raw[field.start : field.start + len(field.name)].decode("latin-1")[:255]
        # In an encoded word a character takes up to twelve bytes.
        value = header.decode_words(field.value[: LONGEST_VALUE * 12])
        cut = cut or len(value) > LONGEST_VALUE
        found.append((_UNSAFE.sub("\ufffd", name), _UNSAFE.sub("\ufffd", value[:LONGEST_VALUE])))
        room -= len(name) + min(len(value), LONGEST_VALUE)
    return tuple(found), cut
