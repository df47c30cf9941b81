"""The message as it stands between DATA and its end: dots, line ends, and nothing else touched.

SMTP smuggling (CVE-2023-51764 and its kin) lives on servers that disagree about where a message ends.  The rules
here:

* Receiving, only ``<CRLF>.<CRLF>`` ends a message (RFC 5321 section 4.1.1.4), never a variant with a bare CR or LF.
* Every other byte is kept as it came: bare CR, bare LF, NUL.  Real mail has them, and DKIM signatures cover them.
* ``ends_early`` finds in a message what a laxer server further on would take for the end: a dot alone between
  two line ends of which the first is bare.  Such a message is neither taken nor sent.  The variants whose first
  line end is CRLF (``<CRLF>.<LF>``) need no refusal: their dot begins a line, so it is doubled on the way out.
  No mail program writes a lone dot between bare line ends through SMTP by honest means (a correct client sends
  CRLF and doubles the dot), so refusing costs nothing and keeping the rest is lossless.
"""

from __future__ import annotations

import re

END = b"\r\n.\r\n"

# A dot after a bare CR or bare LF and before any line end or the end of the message.  Begins with the literal,
# so that the search runs at the speed of memchr.
_EARLY = re.compile(rb"\.(?=[\r\n]|\Z)(?<=[\r\n]\.)(?<!\r\n\.)")
_LONE = re.compile(rb"[\r\n]\.[\r\n]")


class DataReader:
    """Undoes dot-stuffing and finds the end, for bytes in any portions; linear, by whole-buffer searches.

    At most four bytes are held back: a beginning of ``<CRLF>.<CRLF>``.
    """

    def __init__(self) -> None:
        self._held = b"\r\n"  # DATA's own line end counts for a dot at the very start (RFC 5321 section 4.1.1.4)
        self._virtual = 2  # bytes of it that are no part of the message

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Content that is now certain, and what came after the end (None: the end has not come)."""
        window = self._held + data
        end = window.find(END)
        if end >= 0:
            content, rest = window[: end + 2], window[end + len(END) :]
        else:
            keep = next((n for n in (4, 3, 2, 1) if window.endswith(END[:n])), 0)
            content, rest = window[: len(window) - keep], None
            self._held = window[len(window) - keep :]
        # RFC 5321 section 4.5.2: a dot that begins a line is dropped.  No pair straddles two pieces: a trailing
        # CRLF or CRLF-dot is a beginning of the end and was held back.
        content = content.replace(b"\r\n.", b"\r\n")
        if content and self._virtual:
            content, self._virtual = content[self._virtual :], 0
        return content, rest


def stuff(raw: bytes) -> bytes:
    """What a client sends after 354: dots doubled (RFC 5321 section 4.5.2), then the end of data.

    The receiver gets exactly ``raw`` when that is empty or ends in CRLF.  SMTP's DATA cannot carry a last line
    without its CRLF; such a message arrives with one added.  Unchanged bytes are not copied more than once.
    """
    head = b"." if raw.startswith(b".") else b""
    tail = b".\r\n" if raw.endswith(b"\r\n") or not raw else END
    return b"".join((head, raw.replace(b"\r\n.", b"\r\n.."), tail))


def ends_early(raw: bytes) -> bool:
    """Whether a laxer server would see an end of data inside this message, once stuffed.  See the module."""
    if _EARLY.search(raw):
        return True
    if b"\0" not in raw:
        return False
    # Servers that drop NUL (seen in the wild) read <CRLF> NUL . <CRLF> as an end: read as they would.
    wire = b"\r\n" + stuff(raw).replace(b"\0", b"")
    lone = _LONE.search(wire)
    return lone is None or lone.end() != len(wire) - 1


def has_bare_newline(raw: bytes) -> bool:
    """Whether a CR or LF stands alone anywhere."""
    pairs = raw.count(b"\r\n")
    return not pairs == raw.count(b"\n") == raw.count(b"\r")
