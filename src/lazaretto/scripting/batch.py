"""Batch files and command lines: carets taken out, variables put in, also pieces of them and what replaces pieces.

In the order of the lines; jumps are not followed.
"""

from __future__ import annotations

import re

from lazaretto.errors import LimitExceeded
from lazaretto.scripting.values import State

_VARIABLE = re.compile(
    r"%(?P<name>[^%\s:=!^&|<>\"][^%:=\r\n]{0,60}?)(?::(?P<change>~-?\d{0,5}(?:,-?\d{0,5})?|\*?[^%=\r\n]{1,60}=[^%\r\n]{0,200}))?%"
)
_DELAYED = re.compile(
    r"!(?P<name>[\w#$@. -]{1,60})(?::(?P<change>~-?\d{0,5}(?:,-?\d{0,5})?|\*?[^!=\r\n]{1,60}=[^!\r\n]{0,200}))?!"
)
_CARET = re.compile(r"\^(?:\r?\n|(.))")
_SET = re.compile(
    r"[@\s(]*(?:call\s+)?set\s+(?:\"([^=\"\r\n]{1,60})=([^\"\r\n]*)\"|([^=\"\s/][^=\"\r\n]{0,60})=([^&|\r\n]*))", re.I
)
_FOR = re.compile(r"[@\s(]*for\s+%%?(\w)\s+in\s+\(([^()\r\n]{1,4000})\)\s+do\s+([^\r\n]{1,4000})", re.I)
_NUMBERS = re.compile(
    r"[@\s(]*for\s+/l\s+%%?(\w)\s+in\s+\((-?\d{1,5}),(-?\d{1,5}),(-?\d{1,5})\)\s+do\s+([^\r\n]{1,4000})", re.I
)
_SPLIT = re.compile(r"&&?|\|\|?")
_KEPT = frozenset(
    (
        "temp",
        "tmp",
        "appdata",
        "localappdata",
        "userprofile",
        "public",
        "programdata",
        "programfiles",
        "systemroot",
        "windir",
        "comspec",
        "path",
        "username",
        "computername",
        "cd",
        "date",
        "time",
        "random",
        "errorlevel",
        "os",
        "systemdrive",
        "homepath",
        "homedrive",
        "allusersprofile",
        "processor_architecture",
        "userdomain",
        "~dp0",
        "~f0",
        "~0",
        "*",
    )
)
_VALUES = {
    "comspec": "C:\\Windows\\system32\\cmd.exe",
    "systemroot": "C:\\Windows",
    "windir": "C:\\Windows",
    "public": "C:\\Users\\Public",
    "programdata": "C:\\ProgramData",
    "allusersprofile": "C:\\ProgramData",
    "programfiles": "C:\\Program Files",
    "os": "Windows_NT",
    "appdata": "C:\\Users\\user\\AppData\\Roaming",
    "pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
    "path": "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem",
}
_ITEMS = 300


class Batch:
    """Gives the text as it would be run."""

    def __init__(self, text: str, state: State) -> None:
        self._text, self._state = text, state
        self._names: dict[str, str] = {}

    def read(self) -> str:
        text = _CARET.sub(self._caret, self._text) if "^" in self._text else self._text
        lines: list[str] = []
        try:
            for line in text.split("\n"):
                lines.append(self._line(line.rstrip("\r")))
        except LimitExceeded as error:
            self._state.stop(error)
        return "\n".join(lines)

    def _caret(self, found: re.Match[str]) -> str:
        self._state.tricks["caret"] += (found[1] or "").isalnum()
        return found[1] or ""

    def _line(self, line: str) -> str:
        if found := _FOR.match(line):
            items = found[2].replace(",", " ").replace(";", " ").split()[:_ITEMS]
            return self._loop(line, found[1], items, found[3])
        if found := _NUMBERS.match(line):
            first, step, last = (int(found[each]) for each in (2, 3, 4))
            turns = range(first, last + (1 if step > 0 else -1), step) if step else range(0)
            return self._loop(line, found[1], [str(each) for each in turns[:_ITEMS]], found[5])
        if "%" not in line and "!" not in line and "set" not in line.lower():
            return line
        return self._run(line)

    def _loop(self, line: str, name: str, items: list[str], command: str) -> str:
        shown = self._run(line)
        for item in items:
            self._state.spend(len(command))
            shown = self._run(command.strip(" ()").replace(f"%%{name}", item).replace(f"%{name}", item))
        return shown

    def _run(self, line: str) -> str:
        line = self._expanded(line)
        for command in _SPLIT.split(line) if "set" in line.lower() else ():
            if found := _SET.match(command):
                name, value = (found[1], found[2]) if found[1] else (found[3], found[4])
                if not name.lower().startswith(("/a", "/p")):
                    self._names[name.strip().lower()] = value[: 2**14]
        return line

    def _expanded(self, line: str) -> str:
        self._state.spend(8 * len(line))  # each is looked through several times
        for pattern, mark in ((_VARIABLE, "%"), (_DELAYED, "!")):
            if mark in line:
                line = self._state.kept(pattern.sub(self._value, line))
        return line

    def _value(self, found: re.Match[str]) -> str:
        name, change = found["name"].lower(), found["change"]
        if name in self._names:
            value = self._names[name]
        elif (name in _KEPT and not change) or name[0].isdigit() or name[0] in "~*":
            return found[0]
        else:
            value = _VALUES.get(name, "")
            self._state.tricks["nothing"] += not value
        if not change:
            self._state.spend(len(value))
            self._state.tricks["variable"] += name in self._names and len(value) < 4
            return value
        self._state.tricks["variable"] += 1
        if change[0] == "~" and "=" not in change:
            first, _, count = change[1:].partition(",")
            return _piece(value, int(first or 0) if first != "-" else 0, count)
        old, _, new = change.partition("=")
        self._state.tricks["replace"] += 1
        self._state.spend(len(value) * (1 + len(new)))
        return re.sub(re.escape(old), lambda _: new, value, flags=re.IGNORECASE)


def _piece(value: str, first: int, count: str) -> str:
    start = max(len(value) + first, 0) if first < 0 else first
    if count in ("", "-"):
        return value[start:]
    number = int(count)
    return value[start : number if number < 0 else start + number]
