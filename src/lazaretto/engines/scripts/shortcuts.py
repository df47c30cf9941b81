# ruff: noqa: E501 - patterns are easier to read in one line
"""What a shortcut does apart from the words of its command line: icons, blanks, what lies beside it."""

from __future__ import annotations

import re

from lazaretto.engines.scripts.signs import Signs
from lazaretto.scripting import commands, shelllink
from lazaretto.scripting.analysis import squeezed

_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|mp[34]|zip)\b"
    r"|(?:acro(?:rd32|bat)|winword|excel|powerpnt|notepad|wordpad|msedge|chrome|firefox|outlook)\.exe"
    r"|(?:shell32|imageres)\.dll",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]{60,}")
_BESIDE = re.compile(
    r"\brundll32(?:\.exe)?[\"']? {1,3}[\"']?(?:\.{1,2}\\)?[\w$ -]{1,60}\\[\w$ .\\-]{1,120},"
    r"|\b[wc]script(?:\.exe)?[\"']? (?:/\S{1,20} ){0,4}[\"']?(?!\w:)[\w$ .\\-]{1,120}\.(?:jse?|vb[se]|wsf)\b"
    r"|\bcmd(?:\.exe)?[\"']? [^\n]{0,200}(?:\bstart|\bcall|/c|&) [^\n:%]{0,40}(?<![:\w%])[\w$ .-]{1,60}\\[\w$ .\\-]{0,120}\.(?:exe|scr|dll|jse?|vb[se]|bat|cmd|hta)\b"
    r"|\b(?:cmd|powershell|pwsh|findstr|more|type)(?:\.exe)?[\"']? [^\n]{0,1000}\.lnk\b"
    r"|\b(?:net use|pushd|copy|xcopy|explorer(?:\.exe)?) [^\n]{0,80}\\\\[\w-]{1,60}\.[\w.@-]{2,60}\\"
    r"|\bcmd(?:\.exe)?[\"']? [^\n]{0,200}\bx?copy\b[^\n]{1,200}&[^\n]{0,60}(?:%\w{1,20}%|\\)[^\n]{0,80}\.(?:exe|scr|dll|jse?|vb[se]|bat|cmd|hta)\b",
    re.IGNORECASE,
)


def look(link: shelllink.Link, signs: Signs) -> None:
    arguments = " ".join(link.all("arguments"))
    if not arguments:
        return
    if beside := _BESIDE.search(squeezed(commands.of_link(link))):
        signs.add("execute.link", "", beside[0])
    if any(map(_DOCUMENT.search, link.all("icon"))):
        signs.add("hide.link", "icon", link.all("icon")[0])
    elif _BLANKS.search(arguments):
        signs.add("hide.link", "", f"{len(arguments)} characters of arguments")
    if link.show == 7:  # [MS-SHLLINK] 2.1: minimized
        signs.add("hide.window", "", "minimized")
