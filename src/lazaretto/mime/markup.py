"""HTML reduced to the text a person would read.

For previews and logs, not for judging: a linear tokenizer in the spirit of the HTML standard's "tag open" and
"raw text" states (html.spec.whatwg.org, 13.2.5).  Every token pattern either fails on its first characters or
succeeds at the latest at the end of the input, so no input is searched twice.
"""

from __future__ import annotations

import html
import re

_SKIPPED = "script|style|template|noembed|noframes|iframe"
_TOKEN = re.compile(
    r"<!--[\s\S]*?(?:-->|\Z)"
    rf"|<(?P<skipped>{_SKIPPED})(?=[\s/>]|\Z)"
    r"|</?(?P<tag>[a-z][a-z0-9]*+)[^>]*+(?:>|\Z)"
    r"|<[!?/][^>]*+(?:>|\Z)",
    re.I,
)
_ENDS = {name: re.compile(rf"</{name}[^>]*+(?:>|\Z)|\Z", re.I) for name in _SKIPPED.split("|")}
_BREAKS = re.compile(
    "address|article|blockquote|body|br|center|d[dlt]|div|footer|form|h[1-6r]|header|li|main|nav|[ou]l|option|p|pre"
    "|section|table|title|tr"
)
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_LINES = re.compile(r" ?\n[ \n]*")


def to_text(source: str) -> str:
    """The text of an HTML page: no scripts or styles, entities decoded, a line for each block."""
    pieces: list[str] = []
    at = 0
    while (token := _TOKEN.search(source, at)) is not None:
        pieces.append(_BLANKS.sub(" ", source[at : token.start()]))
        at = token.end()
        if skipped := token["skipped"]:
            end = _ENDS[skipped.lower()].search(source, at)
            at = end.end() if end else len(source)
        elif tag := token["tag"]:
            tag = tag.lower()
            pieces.append("\n" if _BREAKS.fullmatch(tag) else " " if tag in _CELLS else "")
    pieces.append(_BLANKS.sub(" ", source[at:]))
    text = html.unescape("".join(pieces)).replace("\xa0", " ")
    return re.sub(r" {2,}", " ", _LINES.sub(lambda lines: "\n" * min(2, lines[0].count("\n")), text)).strip()
