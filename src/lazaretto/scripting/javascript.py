"""Tokens of JavaScript and JScript (ECMA-262, chapter 12).  Never fails, and looks at no character more than a bounded
number of times."""

from __future__ import annotations

import re

from lazaretto.scripting import texts
from lazaretto.scripting.tokens import MARK, NUMBER, PATTERN, STRING, TEMPLATE, WORD, Tokens

_TOKEN = re.compile(
    r"(?P<w>[A-Za-z_$\x80-\uffff][\w$]*+)"
    r"|(?P<s>\"[^\"\\\r\n]*+\"|'[^'\\\r\n]*+')"
    r"|(?P<p>===|!==|>>>=|>>>|<<=|>>=|\*\*|\?\.|\?\?|&&|\|\||=>|==|!=|<=|>=|\+\+|--|\+=|-=|\*=|%=|\^=|&=|\|=|<<|>>"
    r"|\.\.\.|[\[\](){}+.,;?:=<>!~&|^%*@#-])"
    r"|(?P<n>0[xX][0-9A-Fa-f]+|\d[\w.]*+)"
    r"|(?P<c>//[^\r\n]*+|<!--[^\r\n]*+)"
    r"|(?P<q>[\"'`])"
    r"|(?P<b>/\*)"
    r"|(?P<d>/)"
)
# A thousand escapes at a time: the matcher keeps something for each repetition.
_STRING = {
    '"': re.compile(r'[^"\\\n\r]*+(?:\\[\s\S][^"\\\n\r]*+){0,1000}'),
    "'": re.compile(r"[^'\\\n\r]*+(?:\\[\s\S][^'\\\n\r]*+){0,1000}"),
    "`": re.compile(r"[^`\\]*+(?:\\[\s\S][^`\\]*+){0,1000}"),
}
_LITERAL = re.compile(r"/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,200}\]){1,200})/[a-z]{0,6}")
_VALUES = frozenset((STRING, TEMPLATE, NUMBER, PATTERN))
_BEFORE = frozenset(("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do"))


def tokens(text: str) -> Tokens:
    found, at = Tokens(text), 0
    while at >= 0:
        at = _run(found, at)
    return found.finish()


def _run(found: Tokens, at: int) -> int:
    """Up to something that needs a closer look; gives the place behind it, -1 at the end."""
    kinds, values, starts, ends = found.kinds.append, found.values.append, found.starts.append, found.ends.append
    for each in _TOKEN.finditer(found.text, at):
        kind = each.lastgroup
        if kind == "c":
            continue
        if kind in ("q", "b", "d"):
            return _closer(found, each.start(), each[0])
        value = each[0]
        kinds(kind or MARK)
        values(value[1:-1] if kind == "s" else value)
        starts(each.start())
        ends(each.end())
    return -1


def _closer(found: Tokens, start: int, mark: str) -> int:
    text = found.text
    if mark == "/*":
        end = text.find("*/", start + 2)
        return end + 2 if end >= 0 else len(text)
    if mark == "/":
        pattern = _LITERAL.match(text, start) if _is_pattern(found) else None
        if pattern is None:
            found.add(MARK, "/", start, start + 1)
            return start + 1
        found.add(PATTERN, pattern[1], start, pattern.end())
        return pattern.end()
    at = start + 1
    while (piece := _STRING[mark].match(text, at)) and piece.end() > at:
        at = piece.end()
    raw = text[start + 1 : at]
    if text[at : at + 1] != mark:  # unclosed: nothing of it is looked at again
        found.add(WORD, "?", start, at)
        return max(at, start + 1)
    found.add(TEMPLATE if mark == "`" else STRING, texts.unescaped(raw), start, at + 1)
    return at + 1


def _is_pattern(found: Tokens) -> bool:
    """Whether a slash begins a regular expression here."""
    if not found.kinds:
        return True
    kind, value = found.kinds[-1], found.values[-1]
    if kind == WORD:
        return value in _BEFORE
    return kind not in _VALUES and value not in (")", "]", "}")
