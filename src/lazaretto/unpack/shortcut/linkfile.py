"""Shortcuts that are texts: .url and .website, .scf, .desktop, and the XML of .library-ms and .searchConnector-ms.

Each may name a file server.  Windows asks it as soon as the folder with the shortcut is shown, and logs in on the way
(CVE-2025-24054 and those before it)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack.shortcut import targets
from lazaretto.unpack.signatures import DESKTOP, INTERNET_SHORTCUT, SHELL_COMMAND, XML_KINDS

_LONGEST = 2**20  # bytes that are looked at: these files have hundreds
_LINES = 10
_FIELD = re.compile(r"^[ \t]*([A-Za-z][\w-]{0,40}(?:\[[\w@.-]{1,20}\])?)[ \t]*=[ \t]*([^\r\n]{1,4000})", re.MULTILINE)
_LINKS = frozenset({"url", "baseurl", "origurl"})
_PATHS = frozenset({"iconfile", "workingdirectory", "icon", "path", "roamed", "tryexec"}) | _LINKS
_COMMANDS = frozenset({"exec", "command"})
_XML = re.compile(r"<(?:\w{1,20}:)?(?:libraryDescription|searchConnectorDescription|persistedQuery)\b", re.IGNORECASE)
_XML_LINK = re.compile(
    r"<(?:\w{1,20}:)?(?:url|iconReference|include[^<>]{1,40}path=\")>?\s*([^<>\"]{1,2000})", re.IGNORECASE
)


class LinkFile(Unpacker):
    """Links as ``uris``, the command of a .desktop file as ``command-line.txt``."""

    name: ClassVar[str] = "shortcut"
    types: ClassVar[frozenset[str]] = frozenset({INTERNET_SHORTCUT, SHELL_COMMAND, DESKTOP}) | XML_KINDS

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        text = _text(artifact.data[:_LONGEST])
        if artifact.type in XML_KINDS:
            links = [found[1].strip() for found in _XML_LINK.finditer(text)] if _XML.search(text[:4096]) else []
            paths, commands = links, []
        else:
            fields = [(found[1].partition("[")[0].lower(), found[2].strip()) for found in _FIELD.finditer(text)]
            links = [value for key, value in fields if key in _LINKS]
            paths = [value for key, value in fields if key in _PATHS]
            commands = [value for key, value in fields if key in _COMMANDS and value.lower() != "toggledesktop"]
        remote = list(dict.fromkeys(one_line(path, 200) for path in paths if targets.is_remote(path)))
        if remote:
            yield Finding("unpack", "shortcut.remote", Kind.SCRIPT, Severity.MEDIUM, evidence=tuple(remote[:_LINES]))
        if artifact.type == DESKTOP and commands:
            shown = tuple(one_line(command, 300) for command in commands[:_LINES])
            yield Finding("unpack", "shortcut.command", Kind.SCRIPT, Severity.MEDIUM, evidence=shown)
            yield Member(("command-line.txt",), ["\n".join(commands).encode("utf-8", "replace")])
        if links:
            yield Member(("uris",), ["\r\n".join(dict.fromkeys(links)).encode("utf-8", "replace")], "text/uri-list")


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data[: len(data) & ~1].decode("utf-16", "replace")
    return data.decode("utf-8", "replace").removeprefix("\ufeff")
