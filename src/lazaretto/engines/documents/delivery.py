"""Formats whose use is to deliver something else: what they name, and what they would do with it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from lazaretto.engines.documents.cases import Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.errors import LimitExceeded
from lazaretto.filetypes import catalogue
from lazaretto.filetypes.catalogue import Family, suffix
from lazaretto.heuristics import Heuristic
from lazaretto.model import Artifact, Finding

_LONGEST = 1 << 22
_ADDRESS = re.compile(
    r"(?:https?|ftp|smb|file|webdavs?)://[^\s\"'<>]{3,300}|\\\\[\w.@-]{2,80}\\[^\s\"'<>]{1,200}", re.IGNORECASE
)
# Namespaces, schemas and the sites of those who made the formats: no address that anything is fetched from.
_KNOWN = re.compile(
    r"https?://(?:schemas\.|www\.w3\.org|[\w.-]{0,60}\.openxmlformats\.org|java\.sun\.com)", re.IGNORECASE
)
_WORD = re.compile(r"[a-z0-9-]{1,20}")
_PROGRAM = "application/vnd.microsoft.portable-executable"
_NEED_ADDRESS = frozenset({"deliver.query", "deliver.folder", "deliver.installer"})
_NEED_WORD = {
    "deliver.remote-desktop": re.compile(r"^full address:s:", re.MULTILINE),
    "deliver.host": re.compile(r"\[scriptfile\]"),
    "deliver.setting": re.compile(r"<deeplink>"),
}
_SAVER = re.compile(r"^scrnsave\.exe=(?!.{0,80}(?:%windir%|%systemroot%|c:\\windows))\S", re.MULTILINE)
_TELL = ("deliver.redirected", "deliver.console-script", "deliver.command")
_REDIRECTED = "deliver.redirected"


def label(artifact: Artifact) -> str:
    """A word for the format: the extension that it has, if it is a usual one or the format is told by it."""
    known = catalogue.TYPES.get(artifact.type)
    own = suffix(artifact.name)
    if _WORD.fullmatch(own) and (known is None or own in known.extensions or known.family is Family.TEXT):
        return own
    return known.extensions[0] if known else "file"


def look(artifact: Artifact, said: Iterable[Finding], signs: Signs) -> None:
    formats = [each for each in signs.sheet.heuristics.values() if _is(each, artifact)]
    if not formats:
        return
    text = _text(artifact.data[:_LONGEST]).lower()
    addresses = [found[0] for found in _ADDRESS.finditer(text) if not _KNOWN.match(found[0])]
    told = False
    for each in formats:
        if _holds(each, artifact, text, addresses, said):
            signs.add(each.id, "", artifact.name)
            told = told or each.id != "deliver.library"
    if told:
        _contents(text, addresses, signs)
        if len(artifact.data) > _LONGEST:
            raise LimitExceeded("documents", f"{artifact.type} of more than {_LONGEST} bytes")


def _is(each: Heuristic, artifact: Artifact) -> bool:
    if each.id == "deliver.library":
        return artifact.type == _PROGRAM
    endings = each.look_for("endings")
    return artifact.type in each.look_for("types") or any(suffix(name) in endings for name in artifact.names)


def _holds(each: Heuristic, artifact: Artifact, text: str, addresses: list[str], said: Iterable[Finding]) -> bool:
    """Whether the format is used for what it is misused for."""
    if each.id in _NEED_ADDRESS:
        return bool(addresses)
    if each.id == "deliver.link":
        return any(finding.name == "shortcut.remote" for finding in said)
    if each.id == "deliver.library":
        endings = each.look_for("endings")
        return b"xlAutoOpen" in artifact.data or any(suffix(name) in endings for name in artifact.names)
    if each.id == "deliver.theme":
        return bool(addresses or _SAVER.search(text))
    if each.id == "deliver.console":
        return "<mmc_consolefile" in text
    if word := _NEED_WORD.get(each.id):
        return bool(word.search(text))
    return bool(artifact.data)


def _contents(text: str, addresses: list[str], signs: Signs) -> None:
    for name in _TELL:
        if name == "deliver.console-script" and "deliver.console" not in signs.seen:
            continue
        if name == _REDIRECTED and "deliver.remote-desktop" not in signs.seen:
            continue
        words = signs.sheet.heuristics[name].look_for("texts")
        if word := next((word for word in words if word in text), ""):
            signs.add(name, "", word)
    for address in addresses[:2]:
        signs.add("deliver.address", "", address)


def look_at_help(case: Case, signs: Signs) -> None:
    """HTML Help's control (CLSID_HHCtrl) has a command "ShortCut" that starts what its parameters name."""
    signs.add("deliver.help", "")
    words = signs.sheet.heuristics["deliver.help-shortcut"].look_for("texts")
    commands = signs.sheet.heuristics["deliver.command"].look_for("texts")
    for part in case.parts:
        if part.type.startswith("text/"):
            text = part.data[:_LONGEST].decode("utf-8", "replace").lower()
            if any(word in text for word in words) and "shortcut" in text and "command" in text:
                signs.add("deliver.help-shortcut", case.where(part))
                if command := next((each for each in commands if each in text), ""):
                    signs.add("deliver.help-command", case.where(part), command)


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data[: len(data) & ~1].decode("utf-16", "replace")
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return data[: len(data) & ~1].decode("utf-16-le", "replace")
    return data.decode("utf-8", "replace").removeprefix("\ufeff")
