"""Links in HTML: what the reader sees and where it goes.  A row of tags, no tree: readers disagree about trees, and
what stands in comments is shown by some (conditional comments)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

from lazaretto.links import prose
from lazaretto.links.judge import Link

_TAG = re.compile(  # sets of letters first: quicker than ignoring the case of all
    r"<([aA](?i:rea|pplet|nimate)?|[bB](?i:ase|utton)|[fF](?i:orm|rame)|[iI](?i:frame|nput|mg)|[mM](?i:eta)|[eE](?i:mbed)"
    r"|[oO](?i:bject)|[lL](?i:ink)|[sS](?i:cript|et)|[A-Za-z]{1,9}:[A-Za-z]{1,12})(?=[\s/>])"
)
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:([^\s\"'>/=][^\s>/=]*+)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]*+)))?|([>])|([\"'=]))"
)
_ATTRIBUTES = 64
# As programs write tags.  All items are possessive, so that a tag which is none is given up after one look.
_SOUND = re.compile(r"((?:\s++[A-Za-z:-]++=\"[^\"<>]*+\"){0,64})\s*+/?>")
_PAIR = re.compile(r"([A-Za-z:-]++)=\"([^\"]*+)\"")
# A tag without an end reaches to the end of the text: it is looked for once.
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])[^>]*+(?:>|\Z)")
_END = re.compile(r"</?[aA](?=[\s/>]|\Z)")  # a link within a link ends the outer one (HTML, 13.2.6.4.7)
_BASE = re.compile(r"<base(?=[\s/>])", re.IGNORECASE)
# A file server that is asked as soon as the page is shown, whatever it is said to hold.
_FETCHED = re.compile(
    r"(?:=\s{0,4}[\"']?|url\(\s{0,4}[\"']?)((?:file:[/\\]{2,5}|(?:\\|&#92;?|&#x5c;?|&bsol;){2})[A-Za-z0-9][^\s\"'<>()]{3,1000})",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\s+")
_TEXT = 2000  # characters of a link's text, tags and all
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u034f"))
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s][^\"']*)", re.IGNORECASE)
_LOCATION = re.compile(
    r"\blocation(?:\.href|\.replace|\.assign)?\s{0,9}[=(]\s{0,9}[\"']((?:https?:)?//[^\"'\s<>]{4,2000})", re.IGNORECASE
)
_RELATIVE = re.compile(r"(?![A-Za-z][A-Za-z0-9+.-]*+:)[^#]")
_TARGETS = {
    "a": "href", "area": "href", "form": "action", "iframe": "src", "frame": "src", "embed": "src", "object": "data",
    "button": "formaction", "input": "formaction",
}  # fmt: skip
_RESOURCES = frozenset({"link", "script", "img"})


class Page(NamedTuple):
    links: list[Link]
    forms: list[str]  # where a form with a password goes


def read(text: str) -> Page:
    reader = _Reader(text)
    reader.run()
    return Page(reader.links, reader.forms)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._base = ""
        self._form = ""
        self._asks_password = False
        self.links: list[Link] = []
        self.forms: list[str] = []

    def run(self) -> None:
        text, at = self._text, 0
        if first := _BASE.search(text):  # it counts for what stands before it as well (HTML, 4.2.3)
            self._base = html.unescape(self._attributes(first.end())[0].get("href", ""))[:2000]
        while (found := _TAG.search(text, at)) is not None:
            name = found[1].lower()
            given, at = self._attributes(found.end())
            self._tag(name, given, at)
        if "ocation" in text:
            for each in _LOCATION.finditer(text):
                self._add(each[1], "", "script")
        if "\\\\" in text or "&#" in text or "&bsol" in text or "file:" in text.lower():
            for each in _FETCHED.finditer(text):
                self._add(html.unescape(each[1]), "", "resource")

    def _attributes(self, at: int) -> tuple[dict[str, str], int]:
        """The first of a name counts (HTML, 13.2.5.33)."""
        text = self._text
        if sound := _SOUND.match(text, at):
            return {name.lower(): value for name, value in reversed(_PAIR.findall(sound[1]))}, sound.end()
        given: dict[str, str] = {}
        while (found := _ATTRIBUTE.match(text, at)) is not None and found.end() > at:
            at = found.end()
            kind = found.lastindex
            if kind == 5:
                break
            if kind != 6 and kind is not None and len(given) < _ATTRIBUTES:
                given.setdefault(found[1].lower(), found[kind] if kind > 1 else "")
        return given, at

    def _tag(self, name: str, given: dict[str, str], at: int) -> None:
        if name == "meta":
            if html.unescape(given.get("http-equiv", "")).strip().lower() == "refresh" and (
                found := _REFRESH.match(html.unescape(given.get("content", "")))
            ):
                self._add(found[1], "", "refresh")
        elif name in _RESOURCES:
            source = html.unescape(given.get("href" if name == "link" else "src", ""))
            if source.lower().startswith(("file:", "\\\\")):
                self._add(source, "", "resource")
        elif name == "input" and html.unescape(given.get("type", "")).lower() == "password":
            self._asks_password = True
            self.forms.append(self._form)
        elif name in ("set", "animate"):  # SVG: the target comes by itself
            if given.get("attributename", "").lower().endswith("href"):
                for each in ";".join(given.get(key, "") for key in ("to", "from", "values", "by")).split(";")[:64]:
                    self._add(html.unescape(each), "", "link")
        elif name != "base":
            self._target(name, given, at)

    def _target(self, name: str, given: dict[str, str], at: int) -> None:
        target = given.get(_TARGETS.get(name, "href"), "")
        if not target and ":" in "".join(given):  # of SVG, under any prefix
            target = next((value for key, value in given.items() if key.endswith(":href")), "")
        if not target:
            return
        target = html.unescape(target) if "&" in target else target
        if name == "form":
            self._form, self._asks_password = self._joined(target), False
        elif self._asks_password and name in ("button", "input"):
            self.forms.append(self._joined(target))
        where = {"form": "form", "button": "form", "input": "form", "iframe": "frame", "frame": "frame"}.get(
            name, "link"
        )
        self._add(target, self._shown(at) if name == "a" else "", where)

    def _add(self, target: str, shown: str, where: str) -> None:
        if target.strip()[:1] not in ("", "#"):
            self.links.append(Link(self._joined(target), shown, where))

    def _joined(self, target: str) -> str:
        bare = target.lstrip()
        if bare.startswith("\\\\"):  # Outlook asks a file server; who opens it as "//" meets the same host
            return bare
        if bare[:2].replace("\\", "/") == "//":
            return "https:" + bare.replace("\\", "/")
        if self._base and _RELATIVE.match(bare):
            try:
                return urljoin(self._base, bare)
            except ValueError:
                return self._base + bare
        return target

    def _shown(self, at: int) -> str:
        end = _END.search(self._text, at, at + _TEXT)
        piece = self._text[at : end.start() if end else at + _TEXT]
        if "." not in piece and "&" not in piece and "。" not in piece:
            return _BLANKS.sub(" ", _MARKUP.sub("", piece)).strip()[:100] if len(piece) < 300 else ""
        text = html.unescape(_MARKUP.sub("", piece)).translate(_INVISIBLE)
        return _BLANKS.sub(" ", text).strip()[:300]


def visible(text: str) -> Iterator[Link]:
    """Links that stand in the text of a page, which programs that show mail make clickable too."""
    if "://" in text or "www." in text or ":\\\\" in text:
        for piece in _MARKUP.split(text):
            if "://" in piece or "www." in piece or ":\\\\" in piece:
                yield from prose.links(html.unescape(piece))
