"""What every module of this package finds."""

from __future__ import annotations

import re
from typing import NamedTuple

LINE = re.compile(rb"[^\r\n]+")  # LF, CRLF, bare CR and CRCRLF all end a line; empty lines mean nothing here


class Found(NamedTuple):
    """A file in a text: ``text[start:end]`` decodes to ``data``."""

    start: int
    end: int
    names: tuple[str, ...]
    data: bytes
    sound: bool  # well formed to the end
    format: str  # "uuencode", "xxencode", "base64", "yenc", "binhex"
    cut: bool = False  # more would have come out than is decoded here: the caller has to say so


def name_of(octets: bytes) -> tuple[str, ...]:
    """The name as one or no name; these formats say nothing about charsets."""
    octets = octets.strip(b" \t\0\"'")
    try:
        name = octets.decode("utf-8")
    except UnicodeDecodeError:
        name = octets.decode("latin-1")
    return (name,) if name else ()
