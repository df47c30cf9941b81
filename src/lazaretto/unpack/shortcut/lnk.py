"""Windows shortcuts: the command line and all other texts as members, what is appended, and what they are up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lazaretto.model import Artifact, Finding, Kind, Severity, one_line
from lazaretto.plugin import Member, Unpacker
from lazaretto.scripting import shelllink
from lazaretto.unpack.shortcut import targets
from lazaretto.unpack.signatures import LNK

_SHOWN = 300  # characters in evidence
_USUAL = 32 * 1024  # bytes; those that Windows makes have few thousand
_TARGETS = ("target", "address", "relative path")


class Lnk(Unpacker):
    """``command-line.txt`` is what is run, so that engines for scripts see it."""

    name: ClassVar[str] = "lnk"
    types: ClassVar[frozenset[str]] = frozenset({LNK})

    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        data = artifact.data
        link = shelllink.read(data)
        found = link.all(*_TARGETS)
        arguments = " ".join(link.all("arguments"))
        command = " ".join(filter(None, (found[0] if found else "", arguments)))
        yield from _judged(link, found, arguments, command)
        if command:
            yield Member(("command-line.txt",), [command.encode("utf-8", "replace")])
        lines = [f"{kind}: {text}" for kind, texts in link.texts.items() for text in texts]
        if lines:
            yield Member(("properties.txt",), ["\n".join(lines).encode("utf-8", "replace")])
        if behind := data[link.end :].lstrip(b"\0"):
            yield _finding("lnk.appended", f"{len(behind)} bytes behind the end")
            yield Member(("appended-data",), [data[link.end :]])
        elif len(data) > _USUAL:
            yield _finding("lnk.size", f"{len(data)} bytes", severity=Severity.LOW)


def _judged(link: shelllink.Link, found: list[str], arguments: str, command: str) -> Iterator[Finding]:
    program = any(map(targets.starts_program, (*found, arguments)))
    if program or targets.is_web(command) or any(map(targets.is_remote, found)):
        shown = " ".join(command.split())
        yield _finding("lnk.command", shown, kind=Kind.SCRIPT)
    if targets.is_padded(arguments):
        yield _finding("lnk.padding", f"{len(arguments)} characters of arguments, most of them blanks")
    icons = link.all("icon")
    if icons and program and any(map(targets.shows_document, icons)):
        yield _finding("lnk.icon", f"a program under the icon of {icons[0]}", severity=Severity.LOW)
    if any(map(targets.is_remote, icons)):
        yield _finding("shortcut.remote", f"icon {next(filter(targets.is_remote, icons))}")


def _finding(name: str, line: str, kind: Kind = Kind.CONTENT, severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding("unpack", name, kind, severity, evidence=(one_line(line, _SHOWN),))
