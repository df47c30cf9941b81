"""Tokens of VBScript: lines, which end statements, and what stands in them."""

from __future__ import annotations

import re

from lazaretto.scripting.tokens import LINE, MARK, NUMBER, STRING, WORD, Tokens

_TOKEN = re.compile(
    r"(?P<w>[A-Za-z_][\w]*+)"
    r"|(?P<s>\"[^\"\r\n]*+\"?)"
    r"|(?P<k>[ \t]_[ \t]*\r?\n)"
    r"|(?P<l>\r?\n|\r|:)"
    r"|(?P<c>'[^\r\n]*+)"
    r"|(?P<n>&[hH][0-9A-Fa-f]+&?|\d[\d.]*+)"
    r"|(?P<b>\[[^\]\r\n]{1,60}\])"
    r"|(?P<p><>|<=|>=|[(){}.,&+*/\\^=<>-])"
)
_COMMENT = re.compile(r"[^\r\n]*+")


def tokens(text: str) -> Tokens:
    found, at = Tokens(text), 0
    while at >= 0:
        at = _run(found, at)
    return found.finish()


def _run(found: Tokens, at: int) -> int:
    for each in _TOKEN.finditer(found.text, at):
        kind, value, start, end = each.lastgroup, each[0], each.start(), each.end()
        if kind == "w":
            if value.lower() == "rem" and (not found.kinds or found.kinds[-1] == LINE):
                comment = _COMMENT.match(found.text, end)
                return comment.end() if comment else end
            found.add(WORD, value.lower(), start, end)
        elif kind == "s":
            if found.kinds and found.kinds[-1] == STRING and found.ends[-1] == start:  # a doubled quote
                found.values[-1] += '"' + value.strip('"')
                found.ends[-1] = end
            else:
                found.add(STRING, value[1:-1] if value[-1] == '"' and len(value) > 1 else value[1:], start, end)
        elif kind == "l":
            if found.kinds and found.kinds[-1] != LINE:
                found.add(LINE, "", start, end)
        elif kind == "b":
            found.add(WORD, value[1:-1].lower(), start, end)
        elif kind in ("n", "p"):
            found.add(NUMBER if kind == "n" else MARK, value, start, end)
    return -1
