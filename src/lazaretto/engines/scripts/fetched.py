# ruff: noqa: E501 - patterns are easier to read in one line
"""What is fetched and started by one command line: the name of a download, seen again where something is started."""

from __future__ import annotations

import re

_PROGRAM = r"[\w.()-]{0,60}\.(?:exe|scr|com|pif|dll|vbs|vbe|jse?|wsf|hta|bat|cmd|ps1|cpl)"
# Where the name of a download stands; in small letters, the last part of a path.
_PLACES = tuple(
    re.compile(rf"{begin}[^\n;&|]{{0,300}}?(?:[\\/ \"'=]|%\w{{1,20}}%)({_PROGRAM})(?![\w.])")
    for begin in (
        r"(?:-o|-outfile|-outf|--output|-destination|-d)\b",
        r"downloadfile\s?\([^\n;&|,]{1,300},",
        r"(?:urlcache|-verifyctl)\b[^\n;&|]{0,60}\bhttps?://[^\s\"']{3,300}",
        r"(?:transfer|addfile)\b[^\n;&|]{0,80}\bhttps?://[^\s\"']{3,300}",
        r"certutil(?:\.exe)?[^\n;&|]{0,20}[-/]decode\b",
    )
)
_STARTS = r"(?:^|[\n;&|(]|\b(?:start|call|start-process|saps|ii|invoke-item|[wc]script|mshta|rundll32|regsvr32|/i|/c|-f|-file)\b)"
# Fetched and run without a file.
_AT_ONCE = (
    re.compile(r"\bmshta(?:\.exe)?[\"']? {1,4}[\"']?https?:"),
    re.compile(r"\bcurl(?:\.exe)?[\"']? [^\n&;|]{0,300}\| ?(?:cmd|powershell|pwsh)\b"),
    re.compile(r"\bin ?\( ?['\"`]{1,2} ?(?:curl|powershell)[^\n]{0,300}https?:[^\n]{0,300}\) do (?:call )?%"),
    re.compile(r"\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b[^\n;]{1,300}\| ?(?:iex|invoke-expression)\b"),
    re.compile(r"\b(?:iex|invoke-expression)\b[^\n;|]{0,80}(?:\b(?:iwr|irm|invoke-webrequest|invoke-restmethod)\b|downloadstring)"),
    re.compile(r"\bregsvr32(?:\.exe)? [^\n]{0,60}/i:[\"']?https?:"),
    re.compile(r"\brundll32(?:\.exe)? [\"']?\\\\[\w.@-]{3,}"),
)  # fmt: skip
_HINTS = ("http", "iwr", "irm", "invoke-", "download", "curl", "certutil", "bitsadmin", "\\\\")
_MOST = 40  # names
_LONGEST = 200_000


def started(text: str) -> str:
    """The first that is fetched and started, in a text in small letters with single blanks; "" when there is none."""
    text = text[:_LONGEST]
    if not any(word in text for word in _HINTS):
        return ""
    for pattern in _AT_ONCE:
        if found := pattern.search(text):
            return found[0]
    names: dict[str, int] = {}
    for pattern in _PLACES:
        for found in pattern.finditer(text):
            if len(names) < _MOST:
                names.setdefault(found[1].strip(), found.end())
    for name, at in names.items():
        again = re.compile(rf"{_STARTS}[^\n;&|]{{0,120}}?{re.escape(name)}(?![\w.])")
        if again.search(text, at):
            return name
    return ""
