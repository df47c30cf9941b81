"""One URL out of what stands there: read as browsers do (WHATWG URL Standard, 4.4), then written in one form."""

from __future__ import annotations

import re
from typing import NamedTuple

from lazaretto.links import hosts

LONGEST = 8192  # characters that are read; a link is cut there, and that is said
_EDGES = "".join(map(chr, range(33)))  # WHATWG URL, 4.4, step 1.3: C0 controls and space
_CUT = dict.fromkeys(map(ord, "\t\n\r"))  # step 3
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
SPECIAL = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}
_COMMON = re.compile(
    r"(https?)://([A-Za-z0-9.-]{1,250})(/[\x21\x24-\x3b\x3d\x41-\x5b\x5d-\x7e]*+)?(\?[\x21\x24-\x5b\x5d-\x7e]*+)?(?:#|\Z)"
)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
_DOTTED = re.compile(r"/\.\.?(?:/|\Z)")
_ODD = re.compile(r"[\x00-\x20\x7f]")


class Url(NamedTuple):
    """``text`` is the canonical form: where two of them are equal, browsers go to the same place."""

    text: str
    scheme: str
    host: str = ""  # ASCII; "" where the scheme has none
    shown: str = ""  # the host in letters
    port: str = ""  # "" for the usual one
    path: str = ""
    query: str = ""
    user: str = ""
    is_ip: bool = False
    odd: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What feeds go by: without scheme, user and fragment."""
        port = f":{self.port}" if self.port else ""
        return f"{self.host}{port}{self.path}{'?' + self.query if self.query else ''}"


def read(raw: str) -> Url | None:
    """None for what leads nowhere: no scheme, no host, nothing."""
    quick = _COMMON.match(raw)
    if quick and quick.end() <= LONGEST and "%" not in raw and "/." not in (quick[3] or ""):
        scheme, host, path, query = quick.groups("")
        if found := hosts.read(host):
            path = path or "/"
            return Url(
                f"{scheme}://{found.name}{path}{query}",
                scheme,
                found.name,
                found.shown,
                "",
                path,
                query[1:],
                "",
                found.is_ip,
                found.odd,
            )
    return _read(raw)


def _read(raw: str) -> Url | None:
    odd: list[str] = []
    if len(raw) > LONGEST:
        raw = raw[:LONGEST]
        odd.append("longer than is read")
    text = raw.strip(_EDGES)
    if "\t" in text or "\n" in text or "\r" in text:
        text = text.translate(_CUT)
        odd.append("tabs or line ends inside")
    found = _SCHEME.match(text)
    if not found:
        # A file server as Windows writes it, which Office and Outlook follow.
        return _file(text, odd) if text.startswith("\\\\") else None
    scheme, rest = found[1].lower(), text[found.end() :]
    if scheme in SPECIAL:
        return _special(scheme, rest, odd)
    if scheme == "file":
        return _file(rest, odd)
    return Url(f"{scheme}:{rest}", scheme, path=rest, odd=tuple(odd))


def _special(scheme: str, rest: str, odd: list[str]) -> Url | None:
    """Any number of slashes in either direction leads to the host, which ends at one of them, "?" or "#"."""
    head = rest.partition("?")[0].partition("#")[0]
    if "\\" in head:
        odd.append("backslashes for slashes")
        rest = head.replace("\\", "/") + rest[len(head) :]
    bare = rest.lstrip("/")
    if not rest.startswith("//") or rest.startswith("///"):
        odd.append("other than two slashes before the host")
    end = re.search(r"[/?#]", bare)
    at = end.start() if end else len(bare)
    authority, tail = bare[:at], bare[at:]
    user, mark, place = authority.rpartition("@")
    name, port = _port(place)
    host = hosts.read(name)
    if host is None or len(port) > 5 or int(port or "0") > 65535:  # WHATWG URL, 4.4, "port state"
        return None
    tail = tail.partition("#")[0]
    path, _, query = tail.partition("?")
    path, query = _canonical(_dotless(path) or "/"), _canonical(query)
    port = "" if port == SPECIAL[scheme] else port
    shown = f"{scheme}://{host.name}{':' + port if port else ''}{path}{'?' + query if query else ''}"
    return Url(
        shown, scheme, host.name, host.shown, port, path, query, user if mark else "", host.is_ip, (*odd, *host.odd)
    )


def _port(place: str) -> tuple[str, str]:
    name, colon, port = place.rpartition(":")
    if not colon or "]" in port or not (port.isascii() and (port.isdigit() or not port)) or len(port) > 20:
        return place, ""
    return name, port.lstrip("0") or ("0" if port else "")


def _file(rest: str, odd: list[str]) -> Url | None:
    """A host here is a file server: Windows logs in there by itself."""
    slashes = rest.replace("\\", "/")
    bare = slashes.lstrip("/")
    name, _, path = bare.partition("/")
    # file://host/x, and file:////host/x as Windows reads it; file:///C:/x and file:///x are of this machine.
    has_host = len(slashes) - len(bare) in (2, 4, 5) and name and not re.match(r"[A-Za-z][:|]", name)
    host = hosts.read(name) if has_host else None
    if host is None or host.name == "localhost":
        return Url(f"file:///{bare}", "file", path=f"/{bare}", odd=tuple(odd))
    return Url(
        f"file://{host.name}/{path}", "file", host.name, host.shown, path=f"/{path}", is_ip=host.is_ip, odd=tuple(odd)
    )


def _canonical(text: str) -> str:
    """RFC 3986, 6.2.2: percent codes in capitals, and none for what needs none; what may not stand there gets one."""
    if "%" in text:
        text = _PERCENT.sub(_code, text)
    if not text.isascii():
        text = "".join(
            each if each.isascii() else "".join(f"%{byte:02X}" for byte in each.encode("utf-8", "replace"))
            for each in text
        )
    return _ODD.sub(lambda found: f"%{ord(found[0]):02X}", text)


def _code(found: re.Match[str]) -> str:
    byte = int(found[1], 16)
    return chr(byte) if byte in _UNRESERVED else found[0].upper()


def _dotless(path: str) -> str:
    """RFC 3986, 5.2.4: "a/../b" is "b"."""
    if "/." not in path or not _DOTTED.search(path):
        return path
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            kept[-1:] = []
        elif part != ".":
            kept.append(part)
    if parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
