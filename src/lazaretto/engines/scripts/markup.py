"""What a page does apart from its scripts' words: forms for passwords, unseen frames, files that it builds."""

from __future__ import annotations

import re

from lazaretto.engines.scripts.signs import Signs
from lazaretto.scripting.analysis import Analysis

_FORM = re.compile(r"<form\b([^>]{0,2000})>", re.IGNORECASE)
_ACTION = re.compile(r"\baction\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:https?:)?//([^\s\"'>/]{3,200})", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^>]{0,500}\btype\s{0,9}=\s{0,9}\\?[\"']?password", re.IGNORECASE)
_FRAME = re.compile(r"<iframe\b([^>]{0,2000})>", re.IGNORECASE)
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
_SMALL, _NEAR, _LONGEST = 20_000, 3_000, 400_000
_RUNS = re.compile(r"[A-Za-z0-9+/=%\\]{300,}+")


def look(found: Analysis, signs: Signs) -> None:
    pages = "\n".join(layer.text for layer in found.layers if layer.language == "page")
    code = "\n".join(layer.text for layer in found.layers if layer.language in ("javascript", "vbscript"))
    _forms(found, pages, code, signs)
    for frame in _FRAME.finditer(pages):
        if _AWAY.search(frame[1]) and _UNSEEN.search(frame[1]):
            signs.add("phish.frame", "", frame[1][:60])
            break
    if code:
        _smuggling(found, pages, code, signs)
        _moves(found, code, signs)


def _forms(found: Analysis, pages: str, code: str, signs: Signs) -> None:
    password = _PASSWORD.search(pages)
    if not password and not (password := _PASSWORD.search(code)):
        return
    for form in _FORM.finditer(pages):
        if action := _ACTION.search(form[1]):
            near = pages.find("</form", form.end())
            if _PASSWORD.search(pages, form.start(), near if near > 0 else len(pages)):
                signs.add("phish.form", "", action[1])
                break
    if code and _SENDS.search(code) and (address := _ADDRESS.search(code)):
        signs.add("phish.script", "", address[0])
    if not _PASSWORD.search(found.source):
        signs.add("phish.written", "")


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
        or (len(short) < _SMALL and (_LONG.search(code) or _LONG.search(pages)))
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


def _moves(found: Analysis, code: str, signs: Signs) -> None:
    if len(code) < 4_000 and _MOVES.search(code) and any(layer.is_hidden for layer in found.layers):
        signs.add("phish.redirect", "")
