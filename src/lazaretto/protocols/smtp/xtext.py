"""xtext (RFC 3461 section 4): how ORCPT, ENVID, XCLIENT and XFORWARD write characters they may not contain."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_COMING = re.compile(r"\+([0-9A-F]{2})")


def is_xtext(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def decode(text: str) -> str:
    """The characters meant.  Octets above 127 are read as UTF-8; raises ValueError when the form is wrong."""
    if not is_xtext(text):
        raise ValueError(f"{text!r} is not xtext")
    octets = _COMING.sub(lambda found: chr(int(found[1], 16)), text).encode("latin-1")
    return octets.decode("utf-8", "replace")


def encode(text: str) -> str:
    return "".join(
        chr(octet) if 0x21 <= octet <= 0x7E and octet not in b"+=" else f"+{octet:02X}" for octet in text.encode()
    )
