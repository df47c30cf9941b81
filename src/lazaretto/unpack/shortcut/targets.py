"""What a shortcut leads to that nobody sends with good intent."""

from __future__ import annotations

import re

# Programs of Windows that run what their arguments say, or fetch it.
_PROGRAMS = (
    "cmd|command|powershell(?:_ise)?|pwsh|mshta|[wc]script|rundll32|regsvr32|msiexec|curl|certutil|bitsadmin|forfiles"
    "|conhost|schtasks|wmic|pcalua|hh|msbuild|installutil|odbcconf|regasm|regsvcs|ftp|finger|pythonw?|bash|wsl|ssh|scp"
    "|javaw?|node|explorer|control|at|sc|reg|net1?|xcopy|robocopy|expand|extrac32|makecab|tar|cscript|msdt|ie4uinit"
    "|syncappvpublishingserver|workfolders|cmstp|verclsid|desktopimgdownldr|wt"
)
_STARTS = re.compile(rf"(?:^|[\s\\/\"'&|,;(=@])(?:{_PROGRAMS})(?:\.exe)?(?=$|[\s\"'&|,;)/])", re.IGNORECASE)
_ENDS_WITH = re.compile(r"\.(?:ps1|vb[se]|jse?|ws[fh]|hta|bat|cmd|scr|pif|cpl|dll|com)[\"']?\s*$", re.IGNORECASE)
# A server for files, or a scheme that Windows gives to a program of its own; not the web.
_REMOTE = re.compile(
    r"\s*[\"']?(?:\\\\(?![?.]\\)|//|file:|smb:|webdav|dav|search-ms:|search:|ms-[a-z-]+:|javascript:|vbscript:|data:)",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_BLANKS = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]{200,}")
_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|mp[34]|zip)(?:,|$)"
    r"|(?:acro(?:rd32|bat)|winword|excel|powerpnt|notepad|wordpad|msedge|chrome|firefox|outlook)\.exe",
    re.IGNORECASE,
)


def starts_program(command: str) -> bool:
    return bool(_STARTS.search(command) or _ENDS_WITH.search(command))


def is_remote(target: str) -> bool:
    return bool(_REMOTE.match(target))


def is_web(text: str) -> bool:
    return bool(_WEB.search(text))


def is_padded(text: str) -> bool:
    """Blanks that push what follows out of the window that shows it."""
    return bool(_BLANKS.search(text))


def shows_document(icon: str) -> bool:
    return bool(_DOCUMENT.search(icon))
