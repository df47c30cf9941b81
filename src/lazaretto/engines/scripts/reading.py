"""An analysed script, searched for the words of the sheet, and what was done to hide them."""

from __future__ import annotations

import re

from lazaretto.engines.scripts.signs import Signs
from lazaretto.scripting import commands
from lazaretto.scripting.analysis import Analysis, Layer, squeezed

_TRICKS = {
    "chars": ("hide.chars", 8),
    "reverse": ("hide.reverse", 1),
    "base64": ("hide.base64", 1),
    "percent": ("hide.escapes", 1),
    "caret": ("hide.carets", 4),
    "tick": ("hide.carets", 3),
    "nothing": ("hide.carets", 6),
    "variable": ("hide.pieces", 4),
    "format": ("hide.pieces", 1),
    "replace": ("hide.replace", 1),
    "split": ("hide.replace", 3),
}
_LARGE = 60_000  # characters; in longer scripts somebody splits and replaces texts for good reason
_PLAIN = frozenset(("hide.replace", "hide.reverse", "hide.chars", "hide.escapes"))
_ESCAPES = re.compile(r"(?:\\x[2-7][0-9a-f]){6}|(?:\\u00[2-7][0-9a-f]){6}|(?:%[2-7][0-9a-f]){8}", re.IGNORECASE)
_ENCODED = re.compile(r"[\"'][A-Za-z0-9+/]{120,}={0,2}[\"']|[\"'][0-9A-Fa-f]{120,}[\"']|(?:\d{1,3}[, ]\s?){60,}")
_TRIES = 60
_LONGEST = 2**24
_SPLITS = frozenset({"execute", "download", "inject", "change"})


def read(found: Analysis, signs: Signs) -> None:
    source = squeezed(found.source)
    fresh: dict[str, str] = {}
    for number, layer in enumerate(found.layers):
        text = squeezed(layer.text[:_LONGEST]) if number or layer.text is not found.source else source
        where = f"{layer.language}{f' in layer {layer.depth}' if layer.depth else ''}"
        for name, word in _seen(text, layer, signs):
            signs.add(name, where, word)
            if word not in source:
                fresh[name] = word
            else:
                fresh.setdefault(name, "")
    for name, word in fresh.items():
        each = signs.sheet.heuristics[name]
        if word and each.does in _SPLITS and not (each.weak and each.weight < 20):
            signs.add("hide.split", "", word)
            break
    _hidden(found, signs)


def _seen(text: str, layer: Layer, signs: Signs) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for word, name, languages in signs.sheet.texts:
        if name not in found and (not languages or layer.language in languages) and _stands(text, word):
            found[name] = word
    without = {name for name, words in signs.sheet.needs.items() if not any(word in text for word in words)}
    for pattern, name, begin, languages in signs.sheet.patterns:
        if (
            name not in found
            and name not in without
            and (not languages or layer.language in languages)
            and any(word in text for word in begin)
            and (match := pattern.search(text))
        ):
            found[name] = match[0].strip()
    return list(found.items())


def _stands(text: str, word: str) -> bool:
    """Whether it stands there as the beginning of a word."""
    at = text.find(word)
    for _ in range(_TRIES):
        if at < 1:
            return at == 0
        if not (text[at - 1].isalnum() and word[0].isalnum()):
            return True
        at = text.find(word, at + 1)
    return at >= 0


def _hidden(found: Analysis, signs: Signs) -> None:
    is_small = len(found.source) < _LARGE
    for trick, (name, least) in _TRICKS.items():
        if found.tricks[trick] >= least and (is_small or name not in _PLAIN):
            signs.add(name, "", f"{found.tricks[trick]} times")
    if is_small and _ESCAPES.search(found.source):
        signs.add("hide.escapes", "")
    if is_small and _ENCODED.search(found.source):
        signs.add("hide.encoded", "")
    deep = [layer for layer in found.layers if layer.is_hidden and _is_script(layer)]
    if deep:
        signs.add("hide.layers", "", f"{len(deep)} of them, {deep[0].language}")


def _is_script(layer: Layer) -> bool:
    """Commands are found by their shape, and not all that has it is one."""
    return len(layer.text) > 15 and (
        layer.language in ("javascript", "vbscript") or commands.language_of(layer.text) != ""
    )
