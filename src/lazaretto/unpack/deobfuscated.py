"""Scripts in the clear: the text of a script with its constants put together and what it decodes, for all engines that
look for patterns in texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Member, Unpacker
from lazaretto.scripting import analysis

# Files that scripts build come out as files; among text their bytes would only look like broken archives.
_BINARY = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_MARKS = (b"<script", b"javascript:", b"vbscript:", b":script")


class Deobfuscated(Unpacker):
    """One member, ``deobfuscated.txt``, only where it says more than the source."""

    name: ClassVar[str] = "deobfuscated"
    types: ClassVar[frozenset[str]] = frozenset(analysis.LANGUAGES)

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        if artifact.type in analysis.PAGES and not any(mark in artifact.data.lower() for mark in _MARKS):
            return
        found = analysis.analysed(artifact.sha256, artifact.type, artifact.data)
        if found.is_hidden and found.text != found.source:
            shown = _BINARY.sub("\ufffd", found.text)
            yield Member(("deobfuscated.txt",), [shown.encode("utf-8", "replace")])
