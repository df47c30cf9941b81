"""A start line and its fields: of an ICAP message, and of the HTTP messages that one carries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lazaretto.errors import ProtocolError

MAX_HEAD = 64 * 1024  # octets with all fields
MAX_FIELDS = 200
END = b"\r\n\r\n"

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")  # a token of RFC 9110, 5.6.2


@dataclass(frozen=True, slots=True)
class Head:
    """``fields`` in their order, a folded value with "\\n" where a line ended (X-Violations-Found is written so)."""

    start: str
    fields: tuple[tuple[str, str], ...] = field(default=())

    def get(self, name: str, default: str = "") -> str:
        """The first value of that name."""
        return next((value for known, value in self.fields if known.lower() == name), default)

    def all(self, name: str) -> list[str]:
        """All values of that name; ``name`` in lower case."""
        return [value for known, value in self.fields if known.lower() == name]

    def encode(self) -> bytes:
        """What could end a line early is not written: names and values may come from strangers."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.fields)]
        return "".join(f"{_LINE_ENDS.sub(' ', line)}\r\n" for line in lines).encode("latin-1", "replace") + b"\r\n"


_LINE_ENDS = re.compile(r"[\r\n\0]")


def parse(block: bytes) -> Head:
    """A head without the empty line at its end.  Strict where readers could differ: a field without a name, a line
    that ends in a bare LF or CR, a blank before the colon.  Raises ProtocolError."""
    if len(block) > MAX_HEAD:
        raise ProtocolError(f"a head of more than {MAX_HEAD} octets")
    start, *lines = block.decode("latin-1").split("\r\n")
    if len(lines) > MAX_FIELDS:
        raise ProtocolError(f"a head of more than {MAX_FIELDS} lines")
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith((" ", "\t")) and fields:
            name, value = fields[-1]
            fields[-1] = name, f"{value}\n{line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or "\n" in value or "\r" in value:
            raise ProtocolError(f"not a field: {line[:80]!r}")
        fields.append((name, value.strip()))
    return Head(start, tuple(fields))


def unsigned(text: str, most: int = 2**63) -> int:
    """A decimal number, as strict as can be.  Raises ProtocolError."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > most:
        raise ProtocolError(f"not a number, or too large: {text[:30]!r}")
    return int(text)
