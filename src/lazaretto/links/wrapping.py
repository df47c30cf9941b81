"""Links in links: what gateways of others wrap, and what sites lead on to for anybody who asks.

Nothing is asked of anybody: what stands in the link is read, what only a server knows stays unknown.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from lazaretto.links import address, lists
from lazaretto.links.address import Url

DEEPEST = 6  # wrappers within wrappers
_V2 = str.maketrans({"-": "%", "_": "/"})
_V3 = re.compile(r"/v3/__(.{4,}?)__;([^!]{0,4000})", re.DOTALL)
_RUN = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # the length of a run of cut characters, less 2
)
_NESTED = re.compile(r"https?:/{1,2}[^/]|https?%3a|www\.", re.IGNORECASE)
_ENCODED = re.compile(r"(?:a1)?(aHR0c[A-Za-z0-9+/_-]{8,4000}={0,2})\Z")  # "http" in base64; Bing puts a1 in front


class Inner(NamedTuple):
    url: Url
    how: str  # "guard", "redirect" (a known one) or "parameter"


def unwrap(url: Url) -> tuple[list[Inner], bool]:
    """What a link holds, from the outside in, and whether there is more than is followed."""
    found: list[Inner] = []
    waiting, seen = [(url, 0)], {url.key}
    while waiting:
        outer, depth = waiting.pop(0)
        for inner in _inside(outer):
            if inner.url.key in seen or not inner.url.host:
                continue
            if depth >= DEEPEST or len(found) >= 4 * DEEPEST:
                return found, True
            seen.add(inner.url.key)
            found.append(inner)
            waiting.append((inner.url, depth + 1))
    return found, False


def may_hold(url: Url) -> bool:
    """Whether anything in it looks like a link."""
    rest = (url.path + url.query).lower() if url.query else url.path.lower()
    # Written out: asked for every link.  The canonical form has codes of letters decoded.
    return "//" in rest or "http" in rest or "www." in rest or "%2f%2f" in rest or "ahr0c" in rest or "/amp/" in rest


def is_wrapper(host: str) -> bool:
    """Whether a parameter of its may be a link without looking like one."""
    return host.startswith(("urldefense", "www.google.")) or any(name in lists.wrappers() for name in lists.above(host))


def _inside(url: Url) -> Iterator[Inner]:
    text = _proofpoint(url)
    if text:
        if inner := address.read(text):
            yield Inner(inner, "guard")
        return
    wrapper = _known(url)
    how = ("guard" if wrapper.is_guard else "redirect") if wrapper else "parameter"
    for name, value in _parameters(url.query):
        known = wrapper is not None and name in wrapper.parameters
        if inner := _target(value, bare=known):
            yield Inner(inner, how if known else "parameter")
    # Cisco, Symantec and the Web archive put it into the path; Google's AMP without its scheme.
    at = url.path.lower().find("/http", 0) + 1
    if at > 0 and (inner := _target(url.path[at:] + ("?" + url.query if url.query else ""), bare=False)):
        yield Inner(inner, "guard" if url.host.endswith(("secure-web.cisco.com", "symantec.com")) else "parameter")
    elif url.path.startswith(("/amp/s/", "/amp/")) and url.host.startswith("www.google."):
        rest = url.path[5:].removeprefix("s/")
        if inner := address.read(f"https://{rest}"):
            yield Inner(inner, "redirect")


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    """Without those that can hold nothing: none is shorter than "//a.bc"."""
    for part in query.replace(";", "&").split("&"):  # as many as fit into what is read of a link
        name, mark, value = part.partition("=")
        if not mark or "://" in name:  # "?https://..." with no name
            name, value = "", part
        if len(value) > 5:
            yield name.lower(), value


def _target(value: str, *, bare: bool) -> Url | None:
    """A URL in a value, percent-coded up to three times or in base64.  ``bare``: even one without a scheme."""
    if encoded := _ENCODED.match(value):
        text = encoded[1].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            value = base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
    elif not bare and not _NESTED.search(value[:400]):
        return None
    for _ in range(3):
        if "%" not in value:
            break
        value = unquote(value)
    lower = value[:8].lower()
    if lower.startswith(("http:/", "https:/")):
        return address.read(value)
    if lower.startswith(("www.", "//")) or (
        bare and re.match(r"[a-z0-9-]{1,63}\.[a-z0-9.-]{2,200}(?:[/?]|\Z)", value, re.I)
    ):
        return address.read("http://" + value.lstrip("/"))
    return None


def _known(url: Url) -> lists.Wrapper | None:
    table = lists.wrappers()
    host = url.host
    if host.startswith("www.google."):  # of every country
        host = "google.com"
    for name in lists.above(host):
        for wrapper in table.get(name, ()):
            if url.path.startswith(wrapper.path):
                return wrapper
    return None


def _proofpoint(url: Url) -> str:
    """URL Defense, versions 2 and 3 (help.proofpoint.com, "URL Defense Decoder")."""
    if url.host == "urldefense.proofpoint.com" and url.path.startswith("/v2/"):
        given = dict(_parameters(url.query)).get("u", "")
        return unquote(given.translate(_V2))
    if not url.host.startswith("urldefense") or not (
        found := _V3.search(url.path + ("?" + url.query if url.query else ""))
    ):
        return ""
    text, packed = unquote(found[1]), found[2]
    packed += "=" * (-len(packed) % 4)
    try:
        cut = base64.urlsafe_b64decode(packed).decode("utf-8", "replace") if packed else ""
    except (binascii.Error, ValueError):
        cut = ""
    return _restored(re.sub(r"^(https?:/)([^/])", r"\1/\2", text), cut)


def _restored(text: str, cut: str) -> str:
    """ "*" stands for one character that was cut out, "**x" for as many as x says."""
    pieces: list[str] = []
    at = taken = 0
    while (star := text.find("*", at)) >= 0:
        pieces.append(text[at:star])
        count, at = 1, star + 1
        if text[at : at + 1] == "*" and text[at + 1 : at + 2] in _RUN and at + 1 < len(text):
            count, at = _RUN.index(text[at + 1]) + 2, at + 2
        pieces.append(cut[taken : taken + count] or "*")
        taken += count
    return "".join(pieces) + text[at:]
