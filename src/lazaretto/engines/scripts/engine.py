"""The engine that reads scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto import config
from lazaretto.engines.scripts import markup, reading, shortcuts, weights
from lazaretto.engines.scripts.signs import Signs
from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Engine
from lazaretto.scripting import analysis

# What a page must have before it is looked at; most mails have none of it.
_MARKS = (b"<script", b"script:", b":script", b"<form", b"<iframe", b"<object", b"data:application", b"search-ms:")
_HANDLER = re.compile(rb"\son[a-z]{3,20}\s?=")
_APPLICATIONS = frozenset(("application/hta", "text/x-windows-script"))
_SHOWN = 120
_NAMES = {
    "javascript": "script.javascript",
    "vbscript": "script.vbscript",
    "powershell": "script.powershell",
    "batch": "script.batch",
    "command": "script.batch",
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
        cut = markup.look(found, signs, is_picture=artifact.type == "image/svg+xml") if is_page else None
        if artifact.type in _APPLICATIONS and len(found.layers) > 1:
            signs.add("see.application", "")
        if found.link:
            shortcuts.look(found.link, signs)
        name = "script.link" if found.link else _NAMES[found.language]
        if signs.seen:
            yield signs.finding(name, _first(found), is_page=is_page and artifact.type not in _APPLICATIONS)
        if limit := found.limit or cut or found.plain_limit:
            # A long script without anything to hide was read, if not followed.
            is_plain = not found.limit and not cut and not reading.hides(found, signs)
            severity = Severity.INFORMATIONAL if is_plain else Severity.MEDIUM
            yield Finding("scripts", "script.limit", Kind.LIMIT, severity, evidence=(str(limit),))


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
