r"""The stamp: proof that bytes were let go from this vault, so that they are not caught again on their way out.

One header field on top of the message::

    X-Lazaretto-Stamp: v=1; id=<item>; t=<milliseconds since 1970>; h=<SHA-256 of what stands below>; s=<HMAC-SHA256>

``s`` is over the value up to ``h``, with a key derived from the vault's.  What mail servers do in between is allowed
for, and nothing else: trace fields above the stamp, other line ends, a line end after the last line, and the
fields that Postfix drops (``message_drop_headers``).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = "X-Lazaretto-Stamp"
MAX_AGE = 3600.0  # seconds
TOP_BYTES = 65_536  # the stamp stands within these
_TRACE = frozenset(
    {
        # RFC 5321 section 4.4 and what mail servers add at delivery
        *(b"received", b"return-path", b"delivered-to", b"x-original-to", b"envelope-to", b"x-received"),
        # so do verifiers and signers: RFC 8601 section 4.1, 7208 section 9.1, 6376 section 5.6, 8617 section 5.1
        *(b"authentication-results", b"received-spf", b"dkim-signature"),
        *(b"arc-seal", b"arc-message-signature", b"arc-authentication-results"),
    }
)
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)\n")  # RFC 5322 section 2.2, with its folds
_VALUE = re.compile(r"(v=1; id=([0-9A-Z]{26}); t=(\d{1,15}); h=([0-9a-f]{64})); s=([0-9a-f]{64})")
_DROPPED = re.compile(rb"(?im)^(?:bcc|resent-bcc|content-length|return-path)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp that proved true."""

    item: str
    signature: str  # its own, to tell it from every other stamp
    raw: bytes  # the message without it


def make(raw: bytes, key: bytes, item_id: str, now: float) -> bytes:
    """The field to put in front of ``raw``; ``now`` in seconds since 1970."""
    value = f"v=1; id={item_id}; t={round(now * 1000)}; h={_digest(raw)}"
    return f"{NAME}: {value}; s={_sign(value, key)}\r\n".encode()


def verify(raw: bytes, key: bytes, now: float, max_age: float = MAX_AGE) -> Stamp | None:
    """The stamp on top of ``raw``; None when there is none, or it is forged, too old or of other bytes.
    Whether it was used before is for the caller to know."""
    found = find(raw)
    if found is None:
        return None
    start, end, text = found
    match = _VALUE.fullmatch(text)
    if match is None or not hmac.compare_digest(_sign(match[1], key), match[5]):
        return None
    if not -60 <= now - int(match[3]) / 1000 <= max_age:  # clocks are set back, too
        return None
    if not hmac.compare_digest(_digest(raw[end:]), match[4]):
        return None
    return Stamp(match[2], match[5], raw[:start] + raw[end:])


def find(raw: bytes) -> tuple[int, int, str] | None:
    """Start, end and unfolded value of the stamp field; None when anything but trace fields stands above it.
    Quick for mail without a stamp."""
    for start, end, name, value in _fields(raw[:TOP_BYTES]):
        if name == NAME.lower().encode():
            return start, end, re.sub(r"\s+", " ", value.decode("ascii", "replace")).strip()
        if name not in _TRACE:
            break
    return None


def _fields(head: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    at = 0
    while match := _FIELD.match(head, at):
        yield at, match.end(), match[1].lower(), match[2]
        at = match.end()


def _sign(value: str, key: bytes) -> str:
    return hmac.new(key, value.encode(), "sha256").hexdigest()


def _digest(raw: bytes) -> str:
    """Of the form that all that mail servers may do on the way leaves as it is."""
    text = raw.replace(b"\r\n", b"\n")
    body = 0 if text.startswith(b"\n") else text.find(b"\n\n") + 1
    digest = hashlib.sha256(_DROPPED.sub(b"", text[:body]))
    digest.update(memoryview(text)[body:])
    if not text.endswith(b"\n"):
        digest.update(b"\n")
    return digest.hexdigest()
