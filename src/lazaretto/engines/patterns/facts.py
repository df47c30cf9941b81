"""The external variables that public rule sets ask for, filled with what is true of an artifact.

The names are those of LOKI and THOR, for which most such rules are written: ``filename``, ``filepath`` and
``extension`` (with its dot) in lower case, ``filetype`` from their list of file types.  A mail has no ``owner`` on a
disk, so that one is empty.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from lazaretto.filetypes.catalogue import TEXTS
from lazaretto.model import Artifact

VARIABLES = ("filename", "filepath", "extension", "filetype", "owner")

FILETYPES: dict[str, str] = {
    "application/vnd.microsoft.portable-executable": "EXE",
    "application/x-dosexec": "EXE",
    "application/x-elf": "ELF",
    "application/x-mach-binary": "MACH-O",
    "application/x-ms-minidump": "MDMP",
    "application/pdf": "PDF",
    "application/rtf": "RTF",
    "application/zip": "ZIP",
    "application/vnd.rar": "RAR",
    "application/x-7z-compressed": "7ZIP",
    "application/gzip": "GZIP",
    "application/vnd.ms-cab-compressed": "CAB",
    "application/x-ms-shortcut": "LNK",
    "application/java-vm": "CLASS",
    "application/vnd.adobe.flash.movie": "SWF",
    "image/gif": "GIF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "text/x-powershell": "PowerShell",
    "text/vbscript": "VBS",
    "text/x-msdos-batch": "BATCH",
    "text/x-python": "Python",
    "text/x-php": "PHP",
    "text/x-jsp": "JSP",
    "text/x-asp": "ASP",
    "text/html": "HTML",
    "text/xml": "XML",
}
"""By true type; what is in no list of theirs has no name."""


def facts(artifact: Artifact) -> dict[str, str]:
    """Every variable with its value."""
    name = PurePosixPath(artifact.name.replace("\\", "/")).name
    path = artifact.path.replace("!", "/").replace("\\", "/")
    if artifact.name and not path.endswith(artifact.name.replace("\\", "/")):
        path = f"{path}/{name}"
    values = {
        "filename": name.lower(),
        "filepath": path.lower(),
        "extension": PurePosixPath(name.lower()).suffix,
        "filetype": FILETYPES.get(artifact.type, "TXT" if artifact.type in TEXTS else ""),
        "owner": "",
    }
    return {key: value.encode("utf-8", "replace").decode() for key, value in values.items()}
