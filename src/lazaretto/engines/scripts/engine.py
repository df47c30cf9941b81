"""The engine that reads scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.engines.scripts import markup, reading, weights
from lazaretto.engines.scripts.signs import Signs
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Engine
from lazaretto.scripting import analysis, shelllink

# What a page must have before it is looked at; most mails have none of it.
_MARKS = (b"<script", b"script:", b":script", b"<form", b"<iframe", b"<object")
_HANDLER = re.compile(rb"\son[a-z]{3,20}\s?=")
_APPLICATIONS = frozenset(("application/hta", "text/x-windows-script"))
_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|mp[34]|zip)\b"
    r"|(?:acro(?:rd32|bat)|winword|excel|powerpnt|notepad|wordpad|msedge|chrome|firefox|outlook)\.exe"
    r"|(?:shell32|imageres)\.dll",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]{60,}")
_SHOWN = 120
_NAMES = {
    "javascript": "script.javascript",
    "vbscript": "script.vbscript",
    "powershell": "script.powershell",
    "batch": "script.batch",
    "page": "script.page",
}


class Scripts(Engine):
    """One graded finding for each script, page with scripts, or shortcut: present, suspicious or malicious.  Nothing is
    run."""

    name: ClassVar[str] = "scripts"
    types: ClassVar[frozenset[str]] = frozenset(analysis.LANGUAGES)
    by_name: ClassVar[bool] = False

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._weights = weights.load()

    @staticmethod
    def signs() -> Signs:
        """For whoever explains a finding."""
        return Signs(weights.load())

    def inspect(self, artifact: Artifact) -> Iterator[Finding]:
        is_page = artifact.type in analysis.PAGES
        if is_page and not _worth_reading(artifact.data):
            return
        found = analysis.analysed(artifact.sha256, artifact.type, artifact.data)
        signs = Signs(self._weights)
        reading.read(found, signs)
        if is_page:
            markup.look(found, signs)
        if artifact.type in _APPLICATIONS and len(found.layers) > 1:
            signs.add("see.application", "")
        if found.link:
            _link(found.link, signs)
        name = "script.link" if found.link else _NAMES[found.language]
        if signs.seen:
            yield signs.finding(name, _first(found), is_page=is_page and artifact.type not in _APPLICATIONS)
        if found.limit:
            yield Finding("scripts", "script.limit", Kind.LIMIT, Severity.MEDIUM, evidence=(str(found.limit),))


def _worth_reading(data: bytes) -> bool:
    lower = data.lower()
    return b"\0" in data[:64] or any(mark in lower for mark in _MARKS) or _HANDLER.search(lower) is not None


def _first(found: analysis.Analysis) -> str:
    """What was hidden first, where that is another text than the source."""
    inner = [layer for layer in found.layers if layer.is_hidden]
    line = f"{len(found.source)} characters of {found.language}"
    if not inner:
        return line
    return f"{line}, {len(inner)} scripts in it: {one_line(inner[0].text, _SHOWN)}"


def _link(link: shelllink.Link, signs: Signs) -> None:
    arguments = " ".join(link.all("arguments"))
    if not arguments:
        return
    if any(map(_DOCUMENT.search, link.all("icon"))):
        signs.add("hide.link", "icon", link.all("icon")[0])
    elif _BLANKS.search(arguments):
        signs.add("hide.link", "", f"{len(arguments)} characters of arguments")
    if link.show == 7:  # [MS-SHLLINK] 2.1: minimized
        signs.add("hide.window", "", "minimized")
