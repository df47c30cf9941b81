"""What an ICAP client says (RFC 3507, 4.8 to 4.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

from lazaretto.protocols.icap.head import Head

PORT = 1344  # RFC 3507, 4.2
TLS_PORT = 11344  # what Squid and others use for icaps
AGENT = "Lazaretto"
_LONGEST_NAME = 100
_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)


class Method(StrEnum):
    RESPMOD = "RESPMOD"
    REQMOD = "REQMOD"


@dataclass(frozen=True, slots=True)
class Url:
    """Of a service: ``icap://host:1344/avscan``."""

    text: str
    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, text: str) -> Url:
        """Raises ValueError."""
        parts = urlsplit(text)
        if parts.scheme not in ("icap", "icaps") or not parts.hostname or parts.username or parts.fragment:
            raise ValueError(f"{text!r} is not of the form icap://host:port/service")
        if not text.isascii() or any(char <= " " for char in text):
            raise ValueError(f"{text!r} holds what does not belong into a URL")
        tls = parts.scheme == "icaps"
        return cls(text, parts.hostname, parts.port or (TLS_PORT if tls else PORT), tls)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def options(url: Url) -> bytes:
    return Head(f"OPTIONS {url.text} ICAP/1.0", (("Host", url.authority), ("User-Agent", AGENT))).encode()


def modification(
    url: Url, method: Method, name: str, media_type: str, size: int, *, preview: int | None, allow_204: bool = True
) -> bytes:
    """All that stands before the body, which is an HTTP message with the file in it: as if it were being fetched
    (RESPMOD) or sent (REQMOD).  The body follows in chunks."""
    path = "/" + quote(name[-_LONGEST_NAME:], safe="", errors="replace")
    about = (
        ("Content-Type", media_type if _TYPE.fullmatch(media_type) else "application/octet-stream"),
        ("Content-Length", str(size)),
    )
    host = ("Host", "mail.invalid")  # RFC 2606: nobody's
    if method is Method.RESPMOD:
        asked = Head(f"GET http://mail.invalid{path} HTTP/1.1", (host,)).encode()
        answer = Head("HTTP/1.1 200 OK", about).encode()
        places = f"req-hdr=0, res-hdr={len(asked)}, res-body={len(asked) + len(answer)}"
    else:
        asked, answer = Head(f"POST http://mail.invalid{path} HTTP/1.1", (host, *about)).encode(), b""
        places = f"req-hdr=0, req-body={len(asked)}"
    fields = [("Host", url.authority), ("User-Agent", AGENT)]
    if allow_204:
        fields.append(("Allow", "204"))
    if preview is not None:
        fields.append(("Preview", str(preview)))
    fields.append(("Encapsulated", places))
    return Head(f"{method} {url.text} ICAP/1.0", tuple(fields)).encode() + asked + answer
