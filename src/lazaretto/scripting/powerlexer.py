"""Tokens of PowerShell (about_Parsing, about_Quoting_Rules): what a backtick hides is read through."""

from __future__ import annotations

import re

from lazaretto.scripting.tokens import LINE, MARK, NUMBER, STRING, TEMPLATE, WORD, Tokens

_TOKEN = re.compile(
    r"(?P<w>\$(?:[A-Za-z_?$^][\w:]*+|\{[^}\n]{1,200}\})|[A-Za-z_`][\w`-]*+(?:\.exe)?)"
    r"|(?P<o>-[A-Za-z`][A-Za-z`]*+)"
    r"|(?P<s>'[^'\r\n\u2018-\u201b]*+'(?!'))"
    r"|(?P<b><#)"
    r"|(?P<p>::|\.\.(?!\.)|\+=|-=|\*=|/=|%=|\+\+|--|@\(|@\{|\$\(|&&|\|\||[\[\](){}+.,;=<>!|*%?:/&-])"
    r"|(?P<n>0[xX][0-9A-Fa-f]+|\d++(?:\.\d+)?(?:[eE]\d+)?)"
    r"|(?P<l>`?\r?\n)"
    r"|(?P<c>#[^\r\n]*+)"
    r"|(?P<h>@[\"']\r?\n)"
    r"|(?P<q>[\"'\u2018-\u201f])"
)
_SINGLE = re.compile(r"[^'\u2018-\u201b]*+")
_DOUBLE = re.compile('[^"`\u201c-\u201e]*+(?:`[\\s\\S][^"`\u201c-\u201e]*+){0,1000}')
_ESCAPE = re.compile(r"`([\s\S])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "\n": ""}
_OPERATORS = frozenset(
    [
        "-join",
        "-split",
        "-csplit",
        "-isplit",
        "-replace",
        "-creplace",
        "-ireplace",
        "-f",
        "-bxor",
        "-band",
        "-bor",
        "-shl",
        "-shr",
        "-eq",
        "-ne",
        "-lt",
        "-gt",
        "-le",
        "-ge",
        "-and",
        "-or",
        "-not",
        "-as",
        "-is",
        "-like",
        "-match",
        "-notmatch",
        "-contains",
        "-in",
        "-bnot",
        "-ceq",
        "-ieq",
        "-xor",
    ]
)
_GOES_ON = frozenset(
    [
        "+",
        "=",
        ",",
        "|",
        "(",
        "{",
        "[",
        "@(",
        ".",
        "::",
        "&&",
        "||",
        "+=",
        "-join",
        "-split",
        "-replace",
        "-f",
        ";",
        "@{",
        "$(",
        "-",
        "*",
    ]
)


def tokens(text: str) -> Tokens:
    found, at = Tokens(text), 0
    while at >= 0:
        at = _run(found, at)
    return found.finish()


def _run(found: Tokens, at: int) -> int:
    text = found.text
    for each in _TOKEN.finditer(text, at):
        kind, value, start, end = each.lastgroup, each[0], each.start(), each.end()
        if kind in ("q", "b", "h"):
            return _closer(found, start, value)
        if kind == "c" or (kind == "l" and (value[0] == "`" or not found.kinds or found.values[-1] in _GOES_ON)):
            continue
        if kind == "w":
            found.add(WORD, value.replace("`", "").replace("{", "").replace("}", "") or "?", start, end)
        elif kind == "o":
            word = value.replace("`", "").lower()
            found.add(MARK if word in _OPERATORS else WORD, word, start, end)
        elif kind == "s":
            found.add(STRING, value[1:-1], start, end)
        elif kind == "l":
            found.add(LINE, "", start, end)
        else:
            found.add(NUMBER if kind == "n" else MARK, value, start, end)
    return -1


def _closer(found: Tokens, start: int, mark: str) -> int:
    text = found.text
    if mark == "<#":
        end = text.find("#>", start)
        return end + 2 if end >= 0 else len(text)
    if mark[0] == "@":
        begin = start + len(mark)
        end = text.find(f"\n{mark[1]}@", begin - 1)
        stop = end if end >= 0 else len(text)
        found.add(
            TEMPLATE if mark[1] == '"' else STRING, text[begin:stop].rstrip("\r"), start, min(stop + 3, len(text))
        )
        return min(stop + 3, len(text))
    at = start + 1
    if mark in "'\u2018\u2019\u201a\u201b":
        return _single(found, start)
    while (piece := _DOUBLE.match(text, at)) and piece.end() > at:
        at = piece.end()
        if text[at : at + 2] == '""':
            at += 2
    value = _ESCAPE.sub(lambda each: _ESCAPES.get(each[1], each[1]), text[start + 1 : at].replace('""', '"'))
    found.add(TEMPLATE, value, start, min(at + 1, len(text)))
    return at + 1


def _single(found: Tokens, start: int) -> int:
    """A quote in it is written twice."""
    text, at, pieces = found.text, start + 1, []
    while True:
        piece = _SINGLE.match(text, at)
        at = piece.end() if piece else at
        pieces.append(piece[0] if piece else "")
        if text[at + 1 : at + 2] != "'" or at >= len(text):
            break
        pieces.append("'")
        at += 2
    found.add(STRING, "".join(pieces), start, min(at + 1, len(text)))
    return at + 1
