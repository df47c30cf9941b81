"""Hostile text made visible: what would hide, reorder or break the line is shown as what it is.

A mail's subject, names and file names are chosen by strangers.  HTML escaping alone leaves them the bidirectional
overrides (``invoice[U+202E]fdp.exe`` reads "invoiceexe.pdf"), invisible characters and control codes.
Reference: Unicode Technical Report 36, section 2; UAX 9 for the formatting characters.
"""

from __future__ import annotations

import re
import unicodedata

# General categories that show nothing or change what is around them: control, format, surrogate, private use,
# unassigned, line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HARMLESS = frozenset({"\t", "\n"})
_SPACES = re.compile(r"[^\S\n\t ]")  # odd-width spaces look like plain ones and split a name
_MARKS = re.compile(r"([̀-ͯ҃-҉᪰-᫿᷀-᷿⃐-⃿︠-︯]{4})[̀-ͯ҃-҉᪰-᫿᷀-᷿⃐-⃿︠-︯]+")


def pieces(text: str, lines: bool = False) -> list[tuple[str, bool]]:
    """The text cut into runs: (run, hidden).  A hidden run is one character that a reader would not see.

    With ``lines``, line ends and tabs are let through (previews); without, they are hidden characters too."""
    runs: list[tuple[str, bool]] = []
    plain: list[str] = []
    for character in _MARKS.sub(r"\1", text):  # more than four marks on a letter only climb over other lines
        if not hidden(character) or (lines and character in _HARMLESS):
            plain.append(character)
            continue
        if plain:
            runs.append(("".join(plain), False))
            plain = []
        runs.append((character, True))
    if plain:
        runs.append(("".join(plain), False))
    return runs


def hidden(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    return unicodedata.category(character) in _HIDDEN or bool(_SPACES.match(character))


def visible(text: str, lines: bool = False) -> str:
    """Plain text for places that take no markup (attributes, charts, downloads)."""
    return "".join(f"[{code(run)}]" if secret else run for run, secret in pieces(text, lines))


def code(character: str) -> str:
    return f"U+{ord(character):04X}"


def name(character: str) -> str:
    """For the tooltip: the code point and what Unicode calls it."""
    return f"{code(character)} {unicodedata.name(character, 'control character')}"
