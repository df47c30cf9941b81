"""Hosts as browsers read them: the many spellings of an address in one form (WHATWG URL Standard, 3.5; UTS 46)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

LONGEST = 253  # octets of a name (RFC 1035, 2.3.4)
_LABEL = 63
# RFC 952 and RFC 1123, 2.1, with the underline that many servers have.
_PLAIN = re.compile(r"[a-z0-9_][a-z0-9_.-]*+\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*+|[0-9]++)\Z")
# UTS 46: ignored, among them the soft hyphen, joiners and variation selectors.
_IGNORED = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_DOTS = str.maketrans("。．｡", "...")  # UTS 46, 4.5: what counts as a full stop
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]")


class Host(NamedTuple):
    """``name`` as DNS has it (ASCII, lower case), or an address; ``shown`` in letters.  ``odd``: what stood there and
    nobody writes by accident."""

    name: str
    shown: str
    is_ip: bool = False
    odd: tuple[str, ...] = ()


def read(text: str) -> Host | None:
    """None for what no browser takes for a host."""
    return _remembered(text) if len(text) <= LONGEST else _fresh(text)


def _fresh(text: str) -> Host | None:
    lower = text.lower() if text.isascii() else text
    if _PLAIN.match(lower) and len(lower) <= LONGEST + 1 and "xn--" not in lower and ".." not in lower:
        name = lower[:-1] if lower[-1] == "." else lower
        last = name[name.rfind(".") + 1 :]
        if not last[:1].isdigit() or not _NUMBER.match(last):
            return Host(name, name)
    return _read(lower)


_remembered = lru_cache(4096)(_fresh)  # a mail names the same few hosts again and again


def _read(text: str) -> Host | None:
    if text.startswith("["):
        return _six(text)
    odd: list[str] = []
    if "%" in text:
        text = unquote_to_bytes(text).decode("utf-8", "replace")
        odd.append("percent-encoded host")
    if not text.isascii():
        if len(text) > LONGEST * 2:
            return None
        if _IGNORED.search(text):
            text = _IGNORED.sub("", text)
            odd.append("invisible characters in the host")
        mapped = unicodedata.normalize("NFKC", text.translate(_DOTS)).translate(_DOTS)
        if mapped.isascii():
            odd.append("host in characters of another width or form")
        text = unicodedata.normalize("NFKC", _folded(mapped))
    else:
        text = text.lower()
    text = text.rstrip(".")
    if not text or len(text) > LONGEST * 2 or _FORBIDDEN.search(text):
        return None
    last = text[text.rfind(".") + 1 :]
    if _NUMBER.match(last):
        return _four(text, odd)
    labels = [_label(each) for each in text.split(".")]
    if len(labels) > 127 or None in labels:
        return None
    name = ".".join(ascii for ascii, _ in labels if ascii is not None)  # type: ignore[misc]  # none is None
    shown = ".".join(letters for _, letters in labels)  # type: ignore[misc]
    return Host(name, shown, False, tuple(odd)) if len(name) <= LONGEST else None


def _folded(text: str) -> str:
    """Small letters.  Not ss for ß, nor σ for ς: browsers have left UTS 46's transitional processing."""
    return "".join(each if each in "ßς" else each.casefold() for each in text.replace("ẞ", "ß"))


def _label(text: str) -> tuple[str, str] | None:
    """In ASCII and in letters (RFC 3492 by the codec; its time grows with the square, so labels are measured first)."""
    if len(text) > _LABEL:
        return None
    try:
        if text.isascii():
            if text.startswith("xn--"):
                return text, text[4:].encode("ascii").decode("punycode")
            return text, text
        return "xn--" + text.encode("punycode").decode("ascii"), text
    except (UnicodeError, ValueError, OverflowError):
        return (text, text) if text.isascii() else None


def _four(text: str, odd: list[str]) -> Host | None:
    """WHATWG URL, 3.5, "IPv4 parser": up to four numbers, each decimal, octal or hexadecimal, the last fills up."""
    parts = text.split(".")
    if len(parts) > 4 or not all(map(_NUMBER.match, parts)) or any(len(part) > 40 for part in parts):
        return None
    numbers = []
    for part in parts:
        try:
            numbers.append(int(part[2:] or "0", 16) if part[:2] == "0x" else int(part, 8 if part[:1] == "0" else 10))
        except ValueError:
            return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    value = numbers[-1] + sum(number << 8 * (3 - at) for at, number in enumerate(numbers[:-1]))
    name = str(ipaddress.IPv4Address(value))
    if name != text:
        odd = [*odd, "address as a number, in octal or in hexadecimal"]
    return Host(name, name, True, tuple(odd))


def _six(text: str) -> Host | None:
    try:
        address = ipaddress.IPv6Address(text.strip("[]").partition("%")[0][:60])
    except ValueError:
        return None
    if address.ipv4_mapped:  # RFC 4291, 2.5.5.2: the same machine
        name = str(address.ipv4_mapped)
        return Host(name, name, True, ("address as a number of IPv6",))
    name = f"[{address}]"
    return Host(name, name, True)


def is_private(name: str) -> bool:
    """Whether an address leads to nowhere outside."""
    try:
        return not ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return False
