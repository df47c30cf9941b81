"""Pages that hold scripts: HTML, HTA, SVG, WSF and scriptlets.  Where the scripts stand, and in which language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

_SCRIPT = re.compile(r"<(?:[A-Za-z]{1,20}:)?script\b([^>]{0,1000})>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</(?:[A-Za-z]{1,20}:)?script", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"(?:language|type)\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:text/|application/)?([\w.-]{2,40})", re.IGNORECASE
)
_HANDLER = re.compile(r"\bon[a-z]{3,30}\s{0,9}=\s{0,9}(?:\"([^\"]{4,100000})\"|'([^']{4,100000})')", re.IGNORECASE)
_URL = re.compile(r"[\"'=]\s{0,9}(java|vb)script\s{0,9}:([^\"'<>]{2,100000})", re.IGNORECASE)
_DATA = re.compile(
    r"src\s{0,9}=\s{0,9}[\"']?data:(?:text|application)/(?:java|ecma)script[^,\"']{0,60},([^\"'\s>]{4,})", re.IGNORECASE
)
_DATA_CODE = re.compile(r";base64$", re.IGNORECASE)
_CDATA = re.compile(r"^\s{0,99}(?:<!\[CDATA\[|<!--)|(?:\]\]>|-->)\s{0,99}$")
_BASIC = ("vb", "vbs", "vbscript", "vbscript.encode")
_OTHERS = ("json", "ld+json", "template", "x-template", "html", "css", "importmap", "x-handlebars-template", "plain")
_MOST = 4000  # scripts of each sort in one page; beyond, the language is MORE
MORE: Final = "more"


def scripts(text: str) -> Iterator[tuple[str, str]]:
    """Language and text of each, in the order of the page; elements first, then attributes."""
    at, count = 0, 0
    rest: list[str] = []
    while (found := _SCRIPT.search(text, at)) and count < _MOST:
        end = _SCRIPT_END.search(text, found.end())
        stop = end.start() if end else len(text)
        rest.append(text[at : found.end()])
        if (language := _language(found[1])) and (body := _CDATA.sub("", text[found.end() : stop])).strip():
            yield language, html.unescape(body) if "&#" in body[:4000] else body
            count += 1
        at = stop
    if count >= _MOST:
        yield MORE, ""
    rest.append(text[at:])
    yield from _attributes("".join(rest))


def _language(attributes: str) -> str:
    said = _LANGUAGE.search(attributes)
    name = said[1].lower() if said else ""
    if name.startswith(_BASIC) or name == "vbs":
        return "vbscript"
    return "" if name in _OTHERS or (name.startswith("x-") and "javascript" not in name) else "javascript"


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for count, found in enumerate(_HANDLER.finditer(text)):
        if count >= _MOST:
            yield MORE, ""
            break
        code = html.unescape(found[1] or found[2])
        if "(" in code or "=" in code:
            yield "vbscript" if code.lower().startswith("vbscript:") else "javascript", code
    for count, found in enumerate(_URL.finditer(text)):
        if count >= _MOST:
            yield MORE, ""
            break
        yield "javascript" if found[1].lower() == "java" else "vbscript", html.unescape(found[2])
    for found in _DATA.finditer(text):
        yield "data", found[1]
