"""Which kind of text without markup: a script, a table, a list of settings.  Told by how it begins, then by how it
goes on.

Careful on purpose: a mail that quotes a program is a text, so the first line that is no comment has to be one of the
language, and a script needs several signs more.  What the first line is in no language costs two searches in it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lazaretto.unpack.signatures import (
    AUTORUN,
    DESKTOP,
    INTERNET_SHORTCUT,
    LDIF,
    PEM,
    SHELL,
    SHELL_COMMAND,
    SYLK,
)

_LINES = 60  # comments and blank lines that may stand in front
_SHEBANG = re.compile(rb"#![ \t]{0,99}(?:\S{0,200}/)?(?:env[ \t]{1,99}(?:-\S{1,99}[ \t]{1,99})?)?([A-Za-z]+)")
_INTERPRETERS = {
    b"python": "text/x-python",
    b"pypy": "text/x-python",
    b"perl": "text/x-perl",
    b"php": "text/x-php",
    b"ruby": "text/x-ruby",
    b"lua": "text/x-lua",
    b"node": "text/javascript",
    b"nodejs": "text/javascript",
    b"deno": "text/javascript",
    b"pwsh": "text/x-powershell",
    b"osascript": "text/x-applescript",
    b"tclsh": "text/x-tcl",
    b"wish": "text/x-tcl",
    b"awk": "text/x-awk",
    b"gawk": "text/x-awk",
}


def interpreter(data: bytes) -> str:
    """Of a file that begins with ``#!``; a shell when it is none that has a type of its own."""
    found = _SHEBANG.match(data)
    return _INTERPRETERS.get(found[1].lower(), SHELL) if found else SHELL


# By the first characters, in lower case, after blank space.
_BEGINNINGS: tuple[tuple[str, str], ...] = (
    ("<?php", "text/x-php"),
    ("<?=", "text/x-php"),
    ("<%@ page", "text/x-jsp"),
    ("<%@ taglib", "text/x-jsp"),
    ("<%@", "text/x-asp"),
    ("<%", "text/x-asp"),
    ("<#\n", "text/x-powershell"),
    ("<#\r", "text/x-powershell"),
    ("@echo off", "text/x-msdos-batch"),
    ("@echo on", "text/x-msdos-batch"),
    ("@charset", "text/css"),
    ("@import url", "text/css"),
    ("#requires -", "text/x-powershell"),
    ("windows registry editor version", "text/x-ms-regedit"),
    ("regedit4", "text/x-ms-regedit"),
    ("id;p", SYLK),
    ("web\n1\n", "text/x-ms-iqy"),
    ("web\r\n1\r\n", "text/x-ms-iqy"),
    ("-----begin certificate", PEM),
    ("-----begin public key", PEM),
    ("-----begin rsa p", PEM),
    ("-----begin ec p", PEM),
    ("-----begin dsa p", PEM),
    ("-----begin private key", PEM),
    ("-----begin encrypted private key", PEM),
    ("-----begin openssh private key", PEM),
    ("-----begin new certificate", PEM),
    ("-----begin x509 c", PEM),
    ("-----begin dh param", PEM),
    ("diff --git ", "text/x-diff"),
    ("\\documentclass", "text/x-tex"),
    ("\\documentstyle", "text/x-tex"),
    ("%&latex", "text/x-tex"),
    ("webvtt", "text/vtt"),
    ("-- mysql dump", "application/sql"),
    ("-- postgresql database dump", "application/sql"),
    ("pragma foreign_keys=", "application/sql"),
    ("attribute vb_name", "text/x-vba"),
    ("version 1.0 class", "text/x-vba"),
    ("#!", SHELL),
)
_BY_FIRST = {
    first: tuple(each for each in _BEGINNINGS if each[0][0] == first) for first in {mark[0] for mark, _ in _BEGINNINGS}
}
_LONGEST = max(len(mark) for mark, _ in _BEGINNINGS)


def _signs(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in patterns)


class _Language(NamedTuple):
    type: str
    first: re.Pattern[str]  # a line that is no comment
    signs: tuple[re.Pattern[str], ...]
    needed: int  # of them


def _language(kind: str, first: str, needed: int, *signs: str) -> _Language:
    return _Language(kind, re.compile(first, re.IGNORECASE), _signs(*signs), needed)


_NAME = r"[A-Za-z_$][\w$]{0,99}"
_LANGUAGES: tuple[_Language, ...] = (
    _language(
        "text/x-powershell",
        r"\$[\w:]{1,99}\s{0,9}[+]?=|param\s{0,9}\(|function\s{1,9}\w{1,50}-?\w|\[cmdletbinding|(?:import"
        r"|set|get|new|start"
        r"|invoke|add|write|stop|remove)-[a-z]{3,30}\s|iex\b|\[[\w.]{1,99}\]::|powershell"
        r"|&\s{0,3}[({\"'$]|if\s{0,3}\(|try\s?\{",
        2,
        r"\$env:\w", r"\bnew-object\s", r"\[(?:system\.)?[\w.]{2,60}\]::\w", r"\bwrite-(?:host|output|error)\b",
        r"\binvoke-(?:expression|webrequest|command|item|restmethod)\b|\biex\b",
        r"\bstart-(?:process|sleep|bitstransfer)\b",
        r"\bforeach-object\b|\|\s{0,3}%\s{0,3}\{", r"\$_\b|\$true\b|\$null\b|\$args\b",
        r"\s-(?:eq|ne|match|like|join|replace|bxor)\s",
        r"\bdownload(?:string|file|data)\(", r"\b(?:get|set|add|out|convertto|test|join|import)-[a-z]{3,30}\b",
        r"\bparam\s{0,9}\(\s{0,99}[\[$]", r"\[(?:string|int|byte|char)(?:\[\])?\]",
    ),
    _language(
        "text/x-php",
        r"\$\w{1,99}\s{0,9}=|namespace\s+[\w\\]+;",
        3,
        r"\?>", r"\$_(?:get|post|server|request|cookie)\b", r"\becho\s+[\"'$]", r"\bfunction\s+\w+\s?\(\s?\$",
        r"\$this->",
    ),
    _language(
        "text/x-perl",
        r"use\s+(?:strict|warnings|utf8|\d|\w+::)|package\s+[\w:]{1,99};|my\s+[$@%(]|sub\s+\w+\s?\{",
        1,
        r"\bmy\s?\(?[$@%]\w", r"=~\s", r"^[ \t]{0,20}sub\s+\w+\s?\{", r"^use\s+(?:strict|warnings)\s?;", r"^1;\s{0,9}$",
    ),
    _language(
        "text/vbscript",
        r"on error resume next|option explicit|dim\s+\w|set\s+\w{1,99}\s?=|const\s+\w{1,99}\s?=|(?:private |public )?"
        r"(?:sub|function)\s+\w{1,99}\s{0,3}(?:\(|$)|createobject\(|wscript\.|execute(?:global)?[ (]"
        r"|msgbox[ (]|class \w+$|if .{1,200} then"
        r"|\w{1,99}\s{0,3}=\s{0,3}(?:\"|chr\(|replace\(|array\(|createobject)|randomize|for each ",
        2,
        r"\bcreateobject\s?\(\s?[\"\w]", r"\bend\s(?:sub|function|if|with|select)\b", r"^[ \t]{0,99}dim\s+\w+",
        r"\bmsgbox\b", r"\bwscript\.\w",
        r"\bchrw?\s?\(\s?[\w&]+\s?\)", r"\bexecute(?:global)?\s?[( ]", r"^[ \t]{0,99}set\s+\w+\s?=",
        r"\bon error resume next\b", r"\bgetobject\(",
        r"^[ \t]{0,99}(?:private |public )?(?:sub|function)\s+\w+\s{0,3}\(", r"^[ \t]{0,99}next\s{0,9}$",
        r"\bthen\s{0,9}$", r"\bstrreverse\(",
    ),
    _language(
        "text/x-python",
        rf"import\s+[\w.]{{1,99}}(?:\s*$|\s*,|\s+as\s)|from\s+[\w.]{{1,99}}\s+import\s"
        rf"|(?:async )?def\s+{_NAME}\s?\(.*\)?|class\s+\w{{1,99}}"
        r"(?:\(.*\))?:\s*$|@\w[\w.]*(?:\(|$)|if __name__|__\w{1,30}__\s?=|exec\(|\"\"\"|'''|print\(",
        1,
        rf"^[ \t]{{0,40}}(?:async )?def\s+{_NAME}\s?\([^\n]{{0,200}}:\s*$",
        r"^[ \t]{0,20}import\s+[\w.]{1,99}(?:\s+as\s\w+)?\s*$",
        r"^[ \t]{0,20}from\s+[\w.]{1,99}\s+import\s+[\w(*]", r"^if __name__ ==", r"\bself\.\w",
        r"^class\s+\w+[^\n]{0,99}:\s*$", r"\bexec\((?:compile|base64|__import__)",
    ),
    _language(
        "text/javascript",
        rf"(?:var|let|const)\s{{1,9}}(?:{_NAME}|[{{\[])"
        rf"|(?:async\s)?function\s{{0,9}}\*?\s{{0,9}}(?:{_NAME})?\s{{0,9}}\(|[!;+(~-]{{0,3}}\(?function\b"
        rf"|[\"']use strict[\"']|import\s+[\w*{{\"']|(?:export|class)\s+[\w*{{]"
        rf"|try\s{{0,3}}\{{|eval\(|if\s{{0,3}}\(|this\.\w"
        rf"|new\s{{1,3}}ActiveXObject|{_NAME}(?:\.{_NAME}|\[[\"'\w]{{1,99}}\]){{0,4}}\s{{0,3}}[+]?=[^=]"
        rf"|{_NAME}(?:\.{_NAME}){{0,4}}\(|\(\(|for\s?\(|while\s?\(",
        2,
        rf"\bfunction\s{{0,9}}(?:{_NAME})?\s{{0,9}}\([\w$, \n]{{0,200}}\)\s{{0,9}}\{{",
        rf"^[ \t]{{0,99}}(?:var|let|const)\s+{_NAME}\s{{0,9}}[=;,]", r"\bnew\s+ActiveXObject\b",
        r"\bWScript\.(?:Shell|CreateObject|Echo|Quit|Sleep|Arguments|Script)", r"\bdocument\.\w{3}",
        r"\bString\.fromCharCode\b", r"\.prototype\.",
        r"=>\s{0,3}[{(\w]", r"[=!]==", r"\bconsole\.log\(", r"\brequire\([\"']", r"\beval\(",
        r"\bunescape\(|\bparseInt\(", r"\}\s{0,3}catch\s{0,3}\(",
        r"^[ \t]{0,99}return\b[^\n]{0,200};\s{0,9}$", r"\bwindow\.\w|\bmodule\.exports\b",
        r"\.(?:length|charCodeAt|split\(|join\(|push\()\b", r"\bfunction\s?\(\)",
        r"^[ \t]{0,20}import\s[^\n]{1,200}\sfrom\s[\"']",
        rf"^(?:export\s(?:default\s)?)?class\s+{_NAME}(?:\s+extends\s+[\w.$]{{1,99}})?\s?\{{",
        r"^export\s+(?:default|const|let|function|async|class|\{|\*\s+from)", r"\bsuper\(|^[ \t]{0,40}this\.\w+ = ",
        r"^(?:Object\.defineProperty\()?(?:module\.)?exports\b",
    ),
    _language(
        "text/x-msdos-batch",
        r"@?(?:echo[. ]|setlocal\b|set\s+\"?\w+=|cls\s*$|title |if (?:not )?(?:exist|defined|\"|%)"
        r"|start\s|cd\s|powershell|cmd|goto\s|call\s|for\s+/|mkdir |copy |del "
        r"|pushd |net |reg |chcp |color |curl |certutil|bitsadmin|mshta|rundll32|regsvr32|schtasks"
        r"|taskkill|wscript|msiexec|move |ren |xcopy )|@\w{2,20}\s|%\w{1,40}%",
        2,
        r"%~?[\w:~,-]{1,60}%|%~dp0", r"^[ \t]{0,40}@?goto\s+:?\w", r"^:\w{1,60}\s*$", r">\s?nul\b",
        r"\bif (?:not )?(?:exist|errorlevel|defined)\b",
        r"\berrorlevel\b", r"^[ \t]{0,40}@?set\s+\"?(?:/\w\s+)?\w+=", r"^[ \t]{0,40}@?pause\b",
        r"^[ \t]{0,40}@?echo[. ]", r"^[ \t]{0,40}@?(?:call|start)\s+[\"/:%\w]",
        r"^[ \t]{0,40}@?(?:setlocal|endlocal)\b",
        r"\bpowershell(?:\.exe)?\s+-\w", r"^[ \t]{0,40}@?for\s+/\w\s", r"^[ \t]{0,40}@?exit(?:\s+/b\b|\s*$)",
        r"\.exe\s+/\w",
    ),
    _language(
        SHELL,
        r"set -[a-z]|export\s+\w+=|[A-Z_]{2,40}=\S|if \[|for \w+ in |while |(?:sudo |curl |wget |echo "
        r"|cd /|mkdir -p|chmod |source |\. /|apt-get )",
        3,
        r"^[ \t]{0,40}fi\s*$", r"\$\(\w", r"^[ \t]{0,40}esac\s*$", r"^[ \t]{0,40}done\s*$", r"\$\{\w+",
        r"\bif \[\[? ", r"^[ \t]{0,40}export\s+\w+=", r"\bchmod \+x\b", r"\s(?:2>&1|>/dev/null)",
    ),
    _language(
        "text/x-ruby",
        r"require(?:_relative)?\s[\"']|module\s+[A-Z]\w*\s*$|class\s+[A-Z]\w*(?:\s?<\s?[\w:]+)?\s*$"
        r"|def\s+\w+|source\s[\"']",
        2,
        r"^[ \t]{0,40}end\s*$", r"^require(?:_relative)?\s[\"']", r"\bdo\s?\|\w+\|",
        r"^[ \t]{0,40}def\s+(?:self\.)?\w+[?!]?\s*(?:\(|$)", r"^[ \t]{0,40}puts\s", r"\battr_\w+\s+:",
    ),
    _language(
        "text/x-applescript",
        r"tell\s+(?:application|app)\s+\"|on run\b|set \w+ to |do shell script|property \w+\s?:|display dialog",
        1,
        r"^[ \t]{0,40}end tell\s*$|\btell app(?:lication)? \"[^\"\n]{1,99}\" to ", r"\bdo shell script\s+[\"\w]",
        r"^[ \t]{0,40}end run\s*$",
    ),
    _language(
        "application/sql",
        r"create\s+(?:table|database|schema|view|index|procedure|or replace)\s|insert\s+into\s"
        r"|drop\s+table\s|alter\s+table\s|begin transaction;|set names |select\s.{1,200}\sfrom\s",
        1,
        r"^[ \t]{0,9}create\s+table\s[^;]{1,99}\(", r"^[ \t]{0,9}insert\s+into\s[^;]{1,99}\bvalues\b",
        r"^[ \t]{0,9}drop\s+table\s", r"^[ \t]{0,9}select\s[^;]{1,400};",
    ),
    _language(
        "text/css",
        r"[.#*@:\w][^{}\n;=\"'$]{0,200}\{",
        2,
        r"\{\s{0,40}[a-z-]{3,40}\s?:\s?[^;{}\n]{1,99}[;}]", r"[};]\s{0,40}[a-z-]{3,40}\s?:\s?[^;{}\n]{1,99};\s{0,40}\}",
        r"\b(?:font-(?:family|size)|background(?:-color)?|margin|padding|color|display|border"
        r"|width)\s?:\s?[^;{}\n]{1,99}[;}]",
    ),
)  # fmt: skip

_COMMENT = re.compile(r"//|#|'|rem\b|::|--|@rem\b|;|\"\"\"[^\"\n]*\"\"\"\s*$", re.IGNORECASE)
_ODD = frozenset("#'/:;-<\"@rR")
_HOLDS = re.compile(  # one of the first lines: any of the languages
    "|".join(f"(?:{language.first.pattern})" for language in _LANGUAGES), re.IGNORECASE
)
_JSON = re.compile(
    r"\s*(?:\{\s*(?:\"[^\"\n]{0,200}\"\s*:|\}\s*\Z)|\[\s*(?:\{\s*\"[^\"\n]{0,200}\"\s*:"
    r"|\"[^\"\n]{0,200}\"\s*[,\]]|\[|-?\d[\d.]*\s*,\s*[\d\[{\"-]))"
)
_SECTION = re.compile(r"^\[([^\]\r\n]{1,200})\][ \t]*\r?$", re.MULTILINE)
_SETTING = re.compile(r"\[[^\]\n]{1,200}\][ \t]*\r?\n(?:[ \t]*(?:[;#][^\n]*)?\r?\n){0,40}[ \t]*[\w .\\/-]{1,80}=")
_SIGNATURE = re.compile(r"^signature\s{0,9}=\s{0,9}\"?\$(?:windows|chicago)", re.IGNORECASE | re.MULTILINE)
_PATCH = re.compile(r"(?:Index: \S+\r?\n=+\r?\n)?--- \S[^\n]*\n\+\+\+ \S[^\n]*\n@@ -\d")
_LDIF = re.compile(
    r"(?:version: 1\s{1,9}|#[^\n]*\n\s*){0,20}dn::? ?[^\n]{0,400}\n(?:[^\n]*\n){0,40}?(?:objectclass|changetype):",
    re.IGNORECASE,
)
_SUBTITLE = re.compile(r"\d+\r?\n\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}")
_GETTEXT = re.compile(r"(?:#[^\n]*\n|[ \t\r]*\n)*msgid \"[^\n]*\"\r?\n(?:\"[^\n]*\n)*msgstr ")


def begins(text: str) -> str | None:
    """What nothing but its first characters says, before it is looked at as markup."""
    head = text[: _LONGEST + 40].lstrip().lower()
    for mark, kind in _BY_FIRST.get(head[:1], ()):
        if head.startswith(mark):
            return kind
    return None


def kind(text: str) -> str | None:
    """The media type; None for a text that is only a text."""
    body = text.lstrip()
    first = body[:1]
    if first == "[":
        found = _sections(body)
        if found:
            return found
    if first in ("[", "{") and _JSON.match(body):
        return "application/json"
    if first in "-I" and _PATCH.match(body):
        return "text/x-diff"
    if first in "dDvV#" and _LDIF.match(body):
        return LDIF
    if first in "#m" and _GETTEXT.match(body):
        return "text/x-gettext"
    if first.isdigit() and _SUBTITLE.match(body):
        return "application/x-subrip"
    line, hint = _first_line(body)
    if not line or not _HOLDS.match(line):
        return hint
    return _language_of(text, line) or hint


def _language_of(text: str, line: str) -> str | None:
    best, most = None, 0
    for language in _LANGUAGES:
        if not language.first.match(line):
            continue
        signs = sum(sign.search(text) is not None for sign in language.signs)
        if signs >= language.needed and signs > most:
            best, most = language.type, signs
    return best


def _first_line(body: str) -> tuple[str, str | None]:
    """The first line that is no comment, and what the comments alone say."""
    if body[:1] not in _ODD:
        return body[: body.find("\n") if "\n" in body else None].strip(), None
    hint, at = None, 0
    for _ in range(_LINES):
        for opened, closed in (("/*", "*/"), ("<#", "#>"), ('"""', '"""'), ("'''", "'''")):
            if body.startswith(opened, at):
                end = body.find(closed, at + len(opened))
                at = len(body) if end < 0 else end + len(closed)
                break
        else:
            end = body.find("\n", at)
            line = body[at : end if end >= 0 else None].strip()
            if line and not _COMMENT.match(line):
                return line, hint
            if end < 0:
                return "", hint
            at = end + 1
        while body[at : at + 1].isspace():
            at += 1
    return "", hint


def _sections(text: str) -> str | None:
    """What Windows and desktops have as lists of settings."""
    names = [found[1].strip().lower() for found in _SECTION.finditer(text)]
    if "internetshortcut" in names or "internetshortcut.w" in names:
        return INTERNET_SHORTCUT
    if "desktop entry" in names:
        return DESKTOP
    if "autorun" in names:
        return AUTORUN
    if "version" in names and _SIGNATURE.search(text):
        return "application/x-setupscript"
    if "shell" in names and re.search(r"^command\s{0,9}=", text, re.IGNORECASE | re.MULTILINE):
        return SHELL_COMMAND
    return "text/x-ini" if names and _SETTING.match(text) else None
