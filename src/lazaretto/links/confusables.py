"""Letters that look like other letters: scripts of a label, and the skeleton that two look-alikes share (UTS 39)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Own selection from what UTS 39 lists in confusables.txt: what is drawn like a letter or digit of ASCII in fonts that
# browsers use for hosts. Left: the look-alike; right: what it is taken for.
_GROUPS = {
    "a": "аɑα", "b": "вьƅ", "c": "сϲ", "d": "ԁժ", "e": "еҽ℮ε", "g": "ɡցǥ", "h": "һнհ", "i": "іıιї", "j": "јյϳ",
    "k": "кκ", "l": "ӏⅼ", "m": "мⅿ", "n": "пηո", "o": "оοօө", "p": "рρ", "q": "ԛզ", "r": "гⲅ", "s": "ѕꜱ", "t": "тτ",
    "u": "υսц", "v": "ѵν", "w": "ԝωաѡ", "x": "хχж", "y": "уγყ", "3": "зӡ", "4": "ч", "6": "б",
}  # fmt: skip
_ALIKE: dict[int, str] = {ord(each): letter for letter, group in _GROUPS.items() for each in group}
_ALIKE |= {ord("ł"): "l", ord("ø"): "o", ord("đ"): "d", ord("ħ"): "h", ord("ß"): "b", ord("þ"): "p", ord("æ"): "ae"}
_DIGITS = str.maketrans("01358|!", "olesbll")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "THAI", "CHEROKEE", "GEORGIAN")
_EAST = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")  # UTS 39, 5.1: written together, and with Latin


@lru_cache(4096)
def skeleton(label: str) -> str:
    """Equal for two labels that a reader takes for one another.  "rn" and "m", "vv" and "w", "1", "i" and "l" too."""
    if not label.isascii():
        bare = unicodedata.normalize("NFKD", label.casefold())
        label = "".join(each for each in bare if not unicodedata.combining(each)).translate(_ALIKE)
    label = label.lower().translate(_DIGITS).replace("rn", "m").replace("vv", "w")
    return label.replace("i", "l")


def in_ascii(label: str) -> str:
    """The label with look-alikes of ASCII letters replaced; other letters stay."""
    bare = unicodedata.normalize("NFKD", label.casefold())
    return "".join(each for each in bare if not unicodedata.combining(each)).translate(_ALIKE)


def scripts(label: str) -> frozenset[str]:
    """Those that letters of the label belong to; East Asian ones count as one that goes with Latin."""
    found: set[str] = set()
    for each in label:
        if each.isascii():
            if each.isalpha():
                found.add("LATIN")
            continue
        name = unicodedata.name(each, "")
        script = name.partition(" ")[0]
        if script in _SCRIPTS:
            found.add(script)
        elif script.startswith(_EAST):
            found.add("EAST")
    return frozenset(found)


def is_mixed(label: str) -> bool:
    """Whether letters of alphabets that nobody mixes stand in one label."""
    if label.isascii():
        return False
    used = scripts(label)
    return len(used - {"EAST"}) > 1


def is_disguised(label: str) -> bool:
    """Letters of another alphabet only, each of which looks like one of ASCII: "сосо" is Cyrillic."""
    return not label.isascii() and "LATIN" not in scripts(label) and in_ascii(label).isascii()
