"""Mailboxes in MAIL and RCPT (RFC 5321 section 4.1.2, RFC 6531 section 3.3).

What is accepted is a little wider than the grammar (dots anywhere in a local part, underscores in a domain, no
length limits of its own): such addresses exist, and the next hop is their judge.  What is accepted is always
unambiguous when written back between angle brackets, and it is written back unchanged.
"""

from __future__ import annotations

import re

_ATOM = r"[^\x00-\x20\"(),:;<>@\[\\\]\x7f-\x9f\ud800-\udfff]+"
_QUOTED = r"\"(?:[^\x00-\x1f\"\\\x7f-\x9f\ud800-\udfff]|\\[\x20-\x7e])*\""
_DOMAIN = r"[^\x00-\x2c/\x3a-\x40\[\\\]^`{-\x9f\ud800-\udfff]+"
_LITERAL = r"\[[0-9A-Za-z.:-]+\]"  # RFC 5321 section 4.1.3
# The source route is read and dropped (RFC 5321 section 4.1.1.3: "SHOULD be ignored").
_ROUTE = rf"(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?"
_PATH = re.compile(rf"<(?:{_ROUTE}((?:{_ATOM}|{_QUOTED})(?:@(?:{_DOMAIN}|{_LITERAL}))?))?>")


def read_path(text: str) -> tuple[str, str] | None:
    """``<a@b> REST`` as ("a@b", "REST"); the null path ``<>`` gives "".  None when it is not a path."""
    found = _PATH.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    if rest and not rest.startswith(" "):
        return None
    return found[1] or "", rest.lstrip(" ")
