"""Pages that hold scripts: HTML, HTA, SVG, WSF and scriptlets.  Where the scripts stand, and in which language."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from lazaretto.scripting import texts

_SCRIPT = re.compile(r"<(?:[A-Za-z]{1,20}:)?script\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</(?:[A-Za-z]{1,20}:)?script", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"(?:language|type)\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:text/|application/)?([\w.-]{2,40})", re.IGNORECASE
)
_HANDLER = re.compile(r"\bon[a-z]{3,30}\s{0,9}=\s{0,9}(?:\"([^\"]{4,}+)\"|'([^']{4,}+)')", re.IGNORECASE)
_URL = re.compile(r"[\"'=]\s{0,9}(java|vb)script\s{0,9}:([^\"'<>]{2,}+)", re.IGNORECASE)
_DATA = re.compile(
    r"src\s{0,9}=\s{0,9}[\"']?data:(?:text|application)/(?:java|ecma)script[^,\"']{0,60},([^\"'\s>]{4,})", re.IGNORECASE
)
_DATA_CODE = re.compile(r";base64$", re.IGNORECASE)
_FRAMED = re.compile(
    r"\b(?:src|data|href)\s{0,9}=\s{0,9}[\"']?data:text/html([^,\"']{0,60}),([^\"'\s>]{4,}+)"
    r"|\bsrcdoc\s{0,9}=\s{0,9}(?:\"([^\"]{4,}+)\"|'([^']{4,}+)')",
    re.IGNORECASE,
)
_FRAMES = 100
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
        begin = text.find(">", found.end()) + 1
        if not begin:
            break
        end = _SCRIPT_END.search(text, begin)
        stop = end.start() if end else len(text)
        rest.append(text[at:begin])
        if (language := _language(text[found.end() : begin])) and (body := _CDATA.sub("", text[begin:stop])).strip():
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
    yield from _framed(text)


def _framed(text: str) -> Iterator[tuple[str, str]]:
    """Pages in attributes of frames."""
    for count, found in enumerate(_FRAMED.finditer(text)):
        if count >= _FRAMES:
            yield MORE, ""
            break
        if found[2]:
            page = (
                texts.words(texts.base64(found[2]))
                if found[1].lower().endswith("base64")
                else texts.unpercent(found[2])
            )
        else:
            page = html.unescape(found[3] or found[4] or "")
        if page:
            yield "page", page
