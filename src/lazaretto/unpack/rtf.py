"""Objects in Rich Text Format (RTF 1.9.1, "Objects"): the hexadecimal data behind ``\\objdata``.

Word reads RTF leniently and attackers know it: blanks, other control words, groups and binary runs stand between the
digits.  Both readings of a group inside the data, skipped and taken along, are decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.mime.decode import text
from lazaretto.mime.office import objects
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.signatures import RTF

_OBJECT = re.compile(rb"\\objdata(?![a-zA-Z])")
_TOKEN = re.compile(
    rb"(?P<hex>[0-9A-Fa-f]+)|(?P<open>\{)|(?P<close>\})|\\bin(?P<bin>[0-9]{1,9})[ ]?|\\'[^{}\\]{0,2}"
    rb"|\\[a-zA-Z]+-?[0-9]{0,10}[ ]?|\\[^a-zA-Z]|[^0-9A-Fa-f{}\\]+"
)


class Rtf(Unpacker):
    """Every embedded object: packaged files under their names, others as they are."""

    name: ClassVar[str] = "rtf"
    types: ClassVar[frozenset[str]] = frozenset({RTF})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        at = 0
        while (start := _OBJECT.search(data, at)) is not None:
            tight, loose, at = _digits(data, start.end())
            for digits in dict.fromkeys((tight, loose)):
                if octets := bytes.fromhex(digits[: len(digits) & ~1].decode("ascii")):
                    yield _member(octets)


def _digits(data: bytes, at: int) -> tuple[bytes, bytes, int]:
    """The digits of one object, without and with those in groups inside it, and where it ends."""
    tight, loose, depth = bytearray(), bytearray(), 0
    while (token := _TOKEN.match(data, at)) is not None:
        at = token.end()
        if digits := token["hex"]:
            loose += digits
            if not depth:
                tight += digits
        elif token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
            if depth < 0:
                break
        elif token["bin"]:
            run = data[at : at + int(token["bin"])].hex().encode()
            at = min(at + int(token["bin"]), len(data))
            tight += run
            loose += run
    return bytes(tight), bytes(loose), max(at, 1)


def _member(octets: bytes) -> Member:
    native = objects.native(octets)
    if native is None:
        return Member(("object.bin",), [octets])
    if native.name == b"Package" and (packaged := objects.packaged(native.data)):
        return Member(packaged.names, [packaged.data])
    return Member((text(native.name) or "object.bin",), [native.data])
