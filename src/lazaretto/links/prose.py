"""Links in text, as programs that show mail make them of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lazaretto.links.judge import Link

# By what is rare: a colon with a slash behind it.  The scheme before it is looked at then.
_MARK = re.compile(r"[:：wW](?:(?<=[:：])(?:/|\\\\)|(?<=[wW])(?<![^\W_][wW])[wW]{2}\.[^\W_])")
_SCHEMES = ("https", "http", "ftp", "file")
_REST = re.compile(r"[:：]?[/\\]{0,3}+[^\s<>\"`{}|\\^\u00ab\u00bb\u201c-\u201f]++")
_RARE = re.compile(
    r"\b(?:javascript|ms-msdt|search-ms|ms-officecmd):[^\s<>\"]{4,}+|\bdata:(?:text|application|image)/[^\s<>\"]{4,}+",
    re.IGNORECASE,
)
_RARE_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:|//|www\.", re.IGNORECASE)
# RFC 3986, appendix C: "URL:" and angle brackets; a line end within is not part of the link.
_FOLDED = re.compile(r"<(?:URL:)?\s{0,4}((?:https?|ftp)://[^<>\"]{4,2000})>", re.IGNORECASE)
# By the colon that all of them have: quicker than a look for each.
_RARE_HINT = re.compile(
    r":(?:(?<=(?i:script:))|(?<=(?i:-msdt:))|(?<=(?i:h-ms:))|(?<=(?i:officecmd:))|(?<=(?i:data:))(?=(?i:text|app|image)))"
)
# RFC 3986, appendix C: in running text what closes a sentence or a bracket is not part of the link.
_TRAILING = ".,;:!?'*_~\u2019)]\u3002\uff0c"
# CommonMark 0.31, 6.3: [text](<target> "title"), and 4.7: [label]: target.
_MARKDOWN = re.compile(
    r"\[([^\[\]\n]{1,300})\](?:\(\s{0,4}<?([^\s<>()]{1,2000}(?:\([^\s<>()]{0,200}\)[^\s<>()]{0,2000})?)>?"
    r"|:[ \t]{1,8}<?([^\s<>]{4,2000}))"
)
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:|//|www\.", re.IGNORECASE)


_BLOCK = 1 << 16
_SIGNS = (":", ".", "：")  # one letter is found much quicker than two
_PIECES = (":/", "w.", "W.", ":\\\\", "：")  # of a mark; the likeliest first


def links(text: str, where: str = "text") -> Iterator[Link]:
    at = 0
    while (found := _marked(text, at)) is not None:
        at, start = found.end(), found.start()
        if found[0][0] in ":：":
            before = text[max(0, start - 5) : start].lower()
            scheme = next((each for each in _SCHEMES if before.endswith(each)), "")
            if not scheme:
                continue
            rest = _REST.match(text, start)
            start -= len(scheme)
        else:
            rest = _REST.match(text, start)
        if rest:
            at = rest.end()
            yield Link(_complete(_trimmed(text[start:at])), "", where)
    if ":" in text or "[" in text:
        yield from _others(text, where)


def _marked(text: str, at: int) -> re.Match[str] | None:
    """The next one.  Blocks that hold none of its pieces, as long texts in base64 do, are passed over quickly."""
    while at < len(text):
        end = at + _BLOCK
        likely = all(any(text.find(each, at, end + 5) >= 0 for each in some) for some in (_SIGNS, _PIECES))
        if likely and (found := _MARK.search(text, at, end + 5)):
            return found
        at = end
    return None


def _others(text: str, where: str) -> Iterator[Link]:
    """What takes a second look: schemes of other programs, folded links, Markdown."""
    if _RARE_HINT.search(text):
        for found in _RARE.finditer(text):
            yield Link(_trimmed(found[0]), "", where)
    if "<" in text:
        for found in _FOLDED.finditer(text):
            if "\n" in found[1]:
                yield Link("".join(found[1].split()), "", where)
    if "[" in text and ("](" in text or "]:" in text):
        for found in _MARKDOWN.finditer(text):
            target = found[2] or found[3]
            if _HAS_SCHEME.match(target):
                yield Link(_complete(target), found[1].strip(), where)


def _trimmed(text: str) -> str:
    opened, closed, end = text.count("("), text.count(")"), len(text)
    while end and text[end - 1] in _TRAILING:
        if text[end - 1] == ")":
            if 0 < opened >= closed:
                break
            closed -= 1
        end -= 1
    return text[:end]


def _complete(text: str) -> str:
    text = text.replace("：", ":", 1) if "：" in text[:8] else text
    if text[:2] == "//":
        return f"https:{text}"
    return f"http://{text}" if text[:4].lower() == "www." else text
