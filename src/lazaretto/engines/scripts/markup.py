"""What a page does apart from its scripts' words: forms for passwords, unseen frames, files that it builds."""

from __future__ import annotations

import bisect
import html
import re
from collections.abc import Iterator

from lazaretto.engines.scripts.signs import Signs
from lazaretto.scripting.analysis import Analysis

_FORM, _FORM_END = re.compile(r"<form\b", re.IGNORECASE), re.compile(r"</form", re.IGNORECASE)
_ACTION = re.compile(
    r"\b(?:(?:form)?action|href)\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:https?:)?//([^\s\"'>/]{3,200})", re.IGNORECASE
)
_BASE, _BUTTON = re.compile(r"<base\b", re.IGNORECASE), re.compile(r"<(?:button|input)\b", re.IGNORECASE)
_SCHEME = re.compile(r"\baction\s{0,9}=\s{0,9}[\"']?\s{0,9}\w{1,20}:", re.IGNORECASE)
_ODD, _READ = re.compile(r"[&\t\r\n\\]"), {9: None, 10: None, 13: None, 92: "/"}
_FIELD = re.compile(r"<input\b", re.IGNORECASE)
_PASSWORD = re.compile(r"\btype\s{0,9}=\s{0,9}\\?[\"']?password", re.IGNORECASE)
_FRAME, _LINK = re.compile(r"<iframe\b", re.IGNORECASE), re.compile(r"<a\b", re.IGNORECASE)
_CARRIED = re.compile(
    r"href\s{0,9}=\s{0,9}[\"']?\s{0,9}data:(?:application|text/html|text/javascript)[^,]{0,60},", re.IGNORECASE
)
_SAVED = re.compile(r"\bdownload\b(?:\s{0,9}=\s{0,9}(?:\"[^\"]{0,200}\"|'[^']{0,200}'|[^\s>]{0,200}))?", re.IGNORECASE)
_FILE = 400  # characters of a file that is worth to be carried
_AWAY = re.compile(r"\bsrc\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:https?:)?//", re.IGNORECASE)
_UNSEEN = re.compile(
    r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|\b(?:width|height)\s{0,9}[=:]\s{0,9}[\"']?[01](?:px)?[\"'\s;>]",
    re.IGNORECASE,
)
_SENDS = re.compile(
    r"fetch\s?\(|xmlhttprequest|\$\.(?:ajax|post|getjson)|axios|sendbeacon|api\.telegram\.org|\.submit\(", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?:(?:\\?/){2}[\w.-]{3,}", re.IGNORECASE)
_BUILDS = re.compile(
    r"new\s{1,9}blob\b|createobjecturl|new\s{1,9}file\s?\(|\[[\"']blob[\"']\]|mssave(?:oropen)?blob|data:(?:application|octet)",
    re.I,
)
_SAVES = re.compile(
    r"mssave(?:oropen)?blob|showsavefilepicker|saveas\s?\(|\.\s?download\b|[\"']download[\"']|\bdownload\s?=", re.I
)
_CLICKS = re.compile(
    r"\.click\b|\[[\"']click[\"']\]|dispatchevent|location(?:\.href|\.assign|\.replace)?\s?[=(]|window\.open|mssave",
    re.I,
)
_PROGRAM = re.compile(
    r"[\"'`=][^\"'`=<>\n]{1,120}\.(?:exe|scr|iso|img|vhdx?|zip|rar|7z|js|jse|vbs|wsf|hta|lnk|msi|bat|cmd|ps1|one|xll|dll|chm|url|cab|gz|docm|xlsm)[\"'`\s>]",
    re.I,
)
_BEGINS = re.compile(
    r"[\"'`,=>\s](?:TVqQ|TVpQ|TVro|UEsDB|UmFyIR|N3q8r|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA|0M8R4K|TVNDR|4d5a|504b0304|77,\s{0,2}90,|80,\s{0,2}75,\s{0,2}3,)"
)
_LONG = re.compile(
    r"[A-Za-z0-9+/=_-]{400,}|(?:\\x[0-9a-f]{2}){100,}|(?:0x[0-9a-f]{1,2},\s?){80,}|(?:\d{1,3},\s?){150,}|(?:%[0-9a-f]{2}){100,}",
    re.I,
)
_DECODES = re.compile(r"\batob\b|fromcharcode|unescape\s?\(|decodeuri|charcodeat|uint8array|parseint|base64", re.I)
_WRITES = re.compile(
    r"document\.write(?:ln)?\s?\(|\.innerhtml\s?=|\.outerhtml\s?=|insertadjacenthtml|\.srcdoc\s?=|document\[", re.I
)
_MOVES = re.compile(
    r"(?:window|document|top|self|parent)?\.?location(?:\.href|\.assign|\.replace)?\s{0,3}[=(]|http-equiv\s?=\s?[\"']?refresh",
    re.I,
)
_SMALL, _NEAR, _LONGEST = 20_000, 3_000, 2**22
_PICTURE = re.compile(r"data:(?:image|font)/[\w.+;=-]{1,60},[A-Za-z0-9+/=%]*+", re.IGNORECASE)
_RUNS = re.compile(r"[A-Za-z0-9+/=%\\]{300,}+")


def look(found: Analysis, signs: Signs, *, is_picture: bool = False) -> str | None:
    """What was left out, if anything was."""
    pages = "\n".join(layer.text for layer in found.layers if layer.language == "page")
    code = "\n".join(layer.text for layer in found.layers if layer.language in ("javascript", "vbscript"))
    _forms(found, pages, code, signs)
    for _, _, frame in tags(pages, _FRAME):
        if _AWAY.search(frame) and _UNSEEN.search(frame):
            signs.add("phish.frame", "", frame[:60])
            break
    _carried(pages, signs)
    if code:
        _smuggling(found, pages, code, signs)
        _moves(found, code, signs, is_picture=is_picture)
    return f"a page with more than {_LONGEST} characters of scripts" if len(code) > _LONGEST else None


def tags(text: str, name: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    """Of one kind: where they stand, where they end, and their attributes."""
    at = 0
    while (found := name.search(text, at)) and (end := text.find(">", found.end())) >= 0:
        yield found.start(), end, text[found.end() : end]
        at = end


def _carried(pages: str, signs: Signs) -> None:
    """A link that saves a file which stands in it."""
    if "data:" not in pages or "download" not in pages:
        return
    for _, _, link in tags(pages, _LINK):
        if (inside := _CARRIED.search(link)) and (saved := _SAVED.search(link)):
            signs.add("smuggle.save", "", saved[0].strip())
            if len(link) > inside.end() + _FILE:
                signs.add("smuggle.payload", "", inside[0])
            if program := _PROGRAM.search(saved[0] + " "):
                signs.add("smuggle.program", "", program[0].strip("\"'`= >"))
            return


def _forms(found: Analysis, pages: str, code: str, signs: Signs) -> None:
    passwords = _passwords(pages)
    if not passwords and not _passwords(code):
        return
    base = next((each for _, _, each in tags(pages, _BASE)), "")
    ends = [found.start() for found in _FORM_END.finditer(pages)]
    for start, end, attributes in tags(pages, _FORM):
        form = _clean(attributes)
        action = _ACTION.search(form) or (None if _SCHEME.search(form) else _ACTION.search(_clean(base)))
        if action:
            place, near = bisect.bisect(passwords, start), bisect.bisect(ends, end)
            if place < len(passwords) and (near >= len(ends) or passwords[place] < ends[near]):
                signs.add("phish.form", "", action[1])
                break
    for _, _, button in tags(pages, _BUTTON) if passwords else ():
        if "formaction" in button.lower() and (action := _ACTION.search(_clean(button))):
            signs.add("phish.form", "", action[1])
            break
    if code and _SENDS.search(code) and (address := _ADDRESS.search(code)):
        signs.add("phish.script", "", address[0])
    if not _passwords(found.source):
        signs.add("phish.written", "")


def _passwords(text: str) -> list[int]:
    return [start for start, _, field in tags(text, _FIELD) if _PASSWORD.search(_clean(field))]


def _clean(attributes: str) -> str:
    """As browsers read addresses: without entities, tabs and ends of lines, and a slash is a slash."""
    return html.unescape(attributes).translate(_READ) if _ODD.search(attributes) else attributes


def _smuggling(found: Analysis, pages: str, code: str, signs: Signs) -> None:
    short = _RUNS.sub("", code)[:_LONGEST]
    whole = f"{found.source[:_LONGEST]}\n{code}"
    if _DECODES.search(whole) and _WRITES.search(short) and _LONG.search(whole):
        signs.add("smuggle.write", "")
    if not _near(short) and not (_BUILDS.search(short) and len(short) < _SMALL and _SAVES.search(pages)):
        return
    signs.add("smuggle.save", "")
    if _CLICKS.search(short):
        signs.add("smuggle.click", "")
    if (
        _BEGINS.search(pages)
        or _BEGINS.search(code)
        or (len(short) < _SMALL and (_LONG.search(code) or _LONG.search(_PICTURE.sub("", pages))))
    ):
        signs.add("smuggle.payload", "")
    elif _DECODES.search(short) and len(short) < _SMALL:
        signs.add("smuggle.payload", "", "a decoder")
    if program := _PROGRAM.search(short) or (len(short) < _SMALL and _PROGRAM.search(_RUNS.sub("", pages)[:_LONGEST])):
        signs.add("smuggle.program", "", program[0].strip("\"'`= >"))


def _near(code: str) -> bool:
    """Whether a file is built and saved in one place; libraries of all purposes have both."""
    if len(code) < _SMALL:
        return bool(_BUILDS.search(code) and _SAVES.search(code))
    places = sorted(
        [(found.start(), False) for found in _BUILDS.finditer(code)]
        + [(found.start(), True) for found in _SAVES.finditer(code)]
    )
    before = {False: -_NEAR * 2, True: -_NEAR * 2}
    for at, saves in places:
        if at - before[not saves] < _NEAR:
            return True
        before[saves] = at
    return False


def _moves(found: Analysis, code: str, signs: Signs, *, is_picture: bool) -> None:
    if len(code) < 4_000 and (move := _MOVES.search(code)):
        if any(layer.is_hidden for layer in found.layers):
            signs.add("phish.redirect", "")
        if is_picture and len(found.source) < _SMALL and _ADDRESS.search(code):
            signs.add("phish.picture", "", move[0])
