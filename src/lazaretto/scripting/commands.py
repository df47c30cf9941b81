"""Scripts in command lines and strings: what is handed to PowerShell, mshta or cmd, and texts that someone encoded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lazaretto.scripting import shelllink, texts
from lazaretto.scripting.pages import MORE

_ENCODED = re.compile(r"[\s\"'](?:-|/)e[ncodema]{0,14}[\s:\"']{1,40}([A-Za-z0-9+/]{16,}={0,2})", re.IGNORECASE)
_COMMAND = re.compile(
    r"(?:powershell|pwsh)(?:\.exe)?[\"'`]?\s[^\r\n]{0,300}?[-/]c(?:ommand|om|omm)?[\s\"'`&{(]{1,9}([^\r\n]{4,20000})",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(?:powershell|pwsh)(?:\.exe)?[\"'`]?\s{1,9}"
                    r"(?:-[a-z]{1,20}\s{1,9}(?:hidden|bypass|unrestricted|\d)?\s{0,9}){0,9}"
                    r"([(&$\[.\"'{ia][^\r\n]{8,20000})", re.IGNORECASE)  # fmt: skip
_MSHTA = re.compile(r"mshta(?:\.exe)?[\"'\s]{1,9}(javascript|vbscript):([^\r\n]{4,20000})", re.IGNORECASE)
_CMD = re.compile(r"\bcmd(?:\.exe)?[\"']?\s{1,9}(?:/[a-z](?::\w+)?\s{0,9}){1,9}([^\r\n]{4,20000})", re.IGNORECASE)
_RUN = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){30,}(?![0-9A-Fa-f])")
_SCRIPT = re.compile(
    r"(?P<page><(?:script|html|hta:|iframe|form)\b)"
    r"|(?P<powershell>\biex\b|invoke-expression|new-object\s|\$env:|downloadstring|invoke-webrequest|start-process|powershell|write-host|set-content)"
    r"|(?P<vbscript>createobject\(|wscript\.shell\b.{0,200}\bset\b|\bdim\s)"
    r"|(?P<javascript>activexobject|wscript\.|\beval\(|\bfunction\s?\(|document\.|\bvar\s|window\.|new blob)"
    r"|(?P<text>https?://|cmd(?:\.exe)? /c|\.exe\b|currentversion)",
    re.IGNORECASE,
)
_GUESSES = 60  # of each kind in one text; beyond, the language is MORE
_RUNS = 2000


def language_of(text: str) -> str:
    """Of a text that was decoded; "" when it says nothing."""
    found = _SCRIPT.search(text[:100_000])
    return (found.lastgroup or "") if found else ""


def inside(text: str) -> Iterator[tuple[str, str]]:
    """Language and text of each script that stands in this one as it is."""
    lower = text.lower()
    if "powershell" in lower or "pwsh" in lower or "-e" in lower:
        for count, found in enumerate(_ENCODED.finditer(text)):
            if count >= _GUESSES:
                yield MORE, ""
                break
            if script := texts.words(texts.base64(found[1])):
                yield "powershell", script
    if "powershell" in lower or "pwsh" in lower:
        for pattern in (_COMMAND, _PLAIN):
            for count, found in enumerate(pattern.finditer(text)):
                if count >= _GUESSES:
                    yield MORE, ""
                    break
                yield "powershell", found[1].rstrip("\"'; )")
    if "mshta" in lower:
        for count, found in enumerate(_MSHTA.finditer(text)):
            if count >= _GUESSES:
                yield MORE, ""
                break
            yield found[1].lower(), found[2].rstrip("\"'")
    if "cmd" in lower:
        for count, found in enumerate(_CMD.finditer(text)):
            if count >= _GUESSES:
                yield MORE, ""
                break
            if "^" in found[1] or "%" in found[1] or "!" in found[1]:
                yield "batch", re.sub(r"&&?\s*", "\n", found[1])
    yield from _guessed(text)


def _guessed(text: str) -> Iterator[tuple[str, str]]:
    """Long runs that decode to a script or an address."""
    for pattern, decoder in ((_RUN, texts.base64), (_HEX, texts.hexadecimal)):
        for count, found in enumerate(pattern.finditer(text)):
            if count >= _RUNS:
                yield MORE, ""
                break
            run = found[0][: 2**20]
            for each in (run, run[::-1]) if run[:1] == "=" or run[-1:] != "=" else (run,):
                decoded = texts.words(decoder(each))
                if decoded and (language := language_of(decoded)):
                    yield language, decoded
                    break


def of_link(link: shelllink.Link) -> str:
    """The command line of a shortcut."""
    targets = link.all("target", "address", "relative path")
    arguments = " ".join(link.all("arguments"))
    return " ".join(filter(None, (targets[0] if targets else "", arguments)))
