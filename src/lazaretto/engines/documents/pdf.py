"""Signs in a PDF that its unpacker cannot tell: what scripts do, where links lead."""

from __future__ import annotations

import re
from collections.abc import Set
from urllib.parse import urlsplit

from lazaretto.engines.documents.cases import Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.errors import LimitExceeded
from lazaretto.filetypes.catalogue import Family, families_of, suffix
from lazaretto.model import Artifact
from lazaretto.office.links import Place, place

_SCRIPT = re.compile(r"script-\d+\.js")
_LONGEST = 1 << 22  # bytes of one script, and of all links
_LINKS = 20_000
_NUMBER = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}:[0-9a-f:.]+|0x[0-9a-f]{8}|\d{8,10}", re.IGNORECASE)
_RUNS = frozenset({"hta", "iso", "img", "vhd", "vhdx", "one", "xll", "iqy", "search-ms", "appinstaller", "url"})
_PACKED = frozenset({"zip", "rar", "7z", "cab", "gz", "tar", "ace"})
_SCRIPT_OF_FORM = re.compile(rb"<(?:\w{1,20}:)?script\b[^<>]{0,200}javascript", re.IGNORECASE)
# What splits a word of a script and changes nothing: 'exportData' + 'Object', "n\\u004caunch", launch/**/URL.
_JOINT = re.compile(r"'\+'|\"\+\"")
_MEMBER = re.compile(r"\[(?:'([a-z]{1,40})'|\"([a-z]{1,40})\")\]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))", re.IGNORECASE)
_OF_FORMS = frozenset({"launchurl", "submitform(", "eval("})  # what honest dynamic forms do all day
_HARMLESS = ("mailto:", "tel:", "news:", "sms:", "doi:", "urn:", "geo:")
_SCHEMES = ("javascript:", "vbscript:", "data:", "search:", "search-ms:", "shell:", "jar:", "mhtml:")


def look(case: Case, signs: Signs) -> None:
    """Raises LimitExceeded at its end when not all was looked at."""
    cut = ""
    for part in case.parts:
        name = part.name
        if len(part.data) > _LONGEST and (is_script(part) or name == "uris" or name.startswith("xfa")):
            cut = name
        if is_script(part):
            _script(part.data[:_LONGEST].decode("utf-8", "replace"), name, signs)
        elif name == "uris":
            text = part.data[:_LONGEST].decode("utf-8", "replace")
            look_at_links(text, signs)
            if len(text.split()) == 1:
                signs.add("pdf.only-link", "", text)
            if case.locked:
                signs.add("pdf.locked-link", "", text)
        elif name.startswith("xfa") and name.endswith(".xml"):
            signs.add("pdf.xfa", name)
            if _SCRIPT_OF_FORM.search(part.data, 0, _LONGEST):
                signs.add("pdf.xfa-script", name)
                _script(part.data[:_LONGEST].decode("utf-8", "replace"), name, signs, usual=_OF_FORMS)
        elif part.type == "application/vnd.adobe.flash.movie":
            signs.add("pdf.flash", name)
    if cut:
        raise LimitExceeded("documents", f"{cut} of more than {_LONGEST} bytes")


def is_script(part: Artifact) -> bool:
    """One that the unpacker has named: no file in the document."""
    return bool(_SCRIPT.fullmatch(part.name))


def _script(text: str, where: str, signs: Signs, usual: Set[str] = frozenset()) -> None:
    """Blanks do not count, and so no word is hidden by them; nor by what writes the same word otherwise."""
    folded = "".join(text.split()).lower()
    plain = _JOINT.sub("", _ESCAPE.sub(_letter, _without_comments(folded)))
    plain = "".join(_MEMBER.sub(r".\1\2", plain).split()).lower()
    for each in signs.sheet.heuristics.values():
        words = [word for word in each.look_for("script") if word not in usual]
        if word := next((word for word in words if word in folded), ""):
            signs.add(each.id, where, word)
        elif word := next((word for word in words if word in plain), ""):
            signs.add(each.id, where, word)
            signs.add("pdf.split-word", where, word)


def _letter(found: re.Match[str]) -> str:
    return chr(int(found[1] or found[2], 16))


def _without_comments(text: str) -> str:
    """Of the kind that may stand within a line.  One that does not end is none."""
    pieces = text.split("/*")
    ends = [piece.partition("*/") for piece in pieces[1:]]
    return pieces[0] + "".join(after if mark else f"/*{before}" for before, mark, after in ends)


def look_at_links(text: str, signs: Signs) -> None:
    for link in text.split()[:_LINKS]:
        lower = link.lower()
        if lower.startswith(_HARMLESS):
            continue
        if lower.startswith((*_SCHEMES, "ms-")) and not lower.startswith("data:image"):
            if place(link) is not Place.LOCAL:
                signs.add("link.scheme", "", link)
        elif place(link) is Place.REMOTE:
            _link(link, signs)


def _link(link: str, signs: Signs) -> None:
    try:
        parts = urlsplit(link)
        host, user, last = parts.hostname or "", parts.username or "", suffix(parts.path)
    except ValueError:
        return
    if last in _RUNS or families_of(last) & {Family.PROGRAM, Family.SCRIPT} - _web(last):
        signs.add("link.program", "", link)
    elif last in _PACKED:
        signs.add("link.archive", "", link)
    if _NUMBER.fullmatch(host):
        signs.add("link.number", "", link)
    if "." in user:
        signs.add("link.user", "", link)


def _web(last: str) -> set[Family]:
    """Endings that pages of the web have for other reasons: /index.com, /app.js, /default.drv."""
    return {Family.PROGRAM} if last in ("com", "so", "sys", "mui", "ax") else set()
