"""A script as it would be after all that hides it has been taken away: its text with constants put together, and the
scripts that stand in its strings, layer by layer.

The unpacker that shows the text and the engine that judges it ask for the same analysis: the last few are kept.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lazaretto.errors import HostileInput, LimitExceeded
from lazaretto.mime import decode
from lazaretto.scripting import commands, pages, shelllink, texts
from lazaretto.scripting.batch import Batch
from lazaretto.scripting.ecmascript import EcmaScript
from lazaretto.scripting.powershell import PowerShell
from lazaretto.scripting.values import State
from lazaretto.scripting.vbscript import VbScript

SHORTCUT: Final = "application/x-ms-shortcut"
PAGES: Final = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "image/svg+xml",
        "application/hta",
        "text/x-windows-script",
        "application/xslt+xml",
    }
)
LANGUAGES: Final = {
    "text/javascript": "javascript",
    "text/vbscript": "vbscript",
    "text/x-powershell": "powershell",
    "text/x-msdos-batch": "batch",
    SHORTCUT: "command",
    **dict.fromkeys(PAGES, "page"),
}
_LONGEST = 3 * 2**20  # characters of one source
_LAYERS = 80  # of what stands in strings
_SCRIPTS = 600
_KEPT = 12  # analyses
_SHOWN = 2**20  # characters of the text that is shown
_TICK = re.compile(r"[A-Za-z]`[C-DG-MO-QSW-Zc-dg-mo-qsw-z]")  # before a letter that it makes nothing else of
_WEIGHTS = {"tick": 2, "chars": 8, "split": 40, "percent": 1, "replace": 20, "caret": 4, "variable": 4, "format": 1}


@dataclass(frozen=True, slots=True)
class Layer:
    language: str  # javascript, vbscript, powershell, batch, page, text
    text: str  # with constants put together
    depth: int  # 0: the source itself
    is_hidden: bool = False  # it stands nowhere in the source as it is


@dataclass(slots=True)
class Analysis:
    language: str
    source: str = ""
    layers: list[Layer] = field(default_factory=list)
    tricks: Counter[str] = field(default_factory=Counter)
    limit: LimitExceeded | None = None
    link: shelllink.Link | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether the text differs from the source in more than a few joined strings."""
        if any(layer.is_hidden for layer in self.layers):
            return True
        return any(count >= _WEIGHTS.get(trick, 1) for trick, count in self.tricks.items() if trick != "nothing")

    @property
    def text(self) -> str:
        """All layers, one behind the other."""
        return "\n".join(layer.text for layer in self.layers)[:_SHOWN]


class _Source:
    """The bytes go when they have been read: what is kept for later holds none."""

    def __init__(self, sha256: str, kind: str, data: bytes) -> None:
        self._key = (sha256, kind)
        self._data = data

    def take(self) -> tuple[str, bytes]:
        data, self._data = self._data, b""
        return self._key[1], data

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and self._key == other._key


def analysed(sha256: str, kind: str, data: bytes) -> Analysis:
    """Of an artifact of this type.  Raises nothing."""
    return _kept(_Source(sha256, kind, data))


@lru_cache(maxsize=_KEPT)
def _kept(source: _Source) -> Analysis:
    kind, data = source.take()
    language = LANGUAGES.get(kind, "page")
    found = Analysis(language)
    if language == "command":
        try:
            found.link = shelllink.read(data)
        except HostileInput:
            return found
        found.source = commands.of_link(found.link)
        found.language = "batch"
    else:
        found.source = text_of(data)
    if len(found.source) > _LONGEST:
        found.limit = LimitExceeded("script", f"a script of more than {_LONGEST} characters")
        found.source = found.source[:_LONGEST]
    _Reader(found).run()
    return found


def text_of(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[: len(data) & ~1].decode("utf-16", "replace").removeprefix("\ufeff")
    if b"\0" in data[:200] and not any(data[1:20:2]):
        return data[: len(data) & ~1].decode("utf-16-le", "replace")
    return decode.text(data.replace(b"\0", b"")).removeprefix("\ufeff")


class _Reader:
    """Source, then what it runs, then what that runs; each text once."""

    def __init__(self, found: Analysis) -> None:
        self._found = found
        self._state = State()
        self._waiting: deque[tuple[str, str, int]] = deque([(found.language, found.source, 0)])
        self._seen: set[int] = set()
        # What only skipped characters hide has signs of its own.
        self._sources = [found.source, *(found.source.replace(each, "") for each in "`^" if each in found.source)]

    def run(self) -> None:
        deep, flat = 0, 0
        while self._waiting and deep < _LAYERS and flat < _SCRIPTS:
            language, text, depth = self._waiting.popleft()
            if hash(text) in self._seen:
                continue
            deep, flat = deep + (depth > 0), flat + 1
            self._seen.add(hash(text))
            if self._state.stops:  # what lies deeper is still worth a look, at little cost
                self._state.stops = 1
            self._layer(language, text, depth)
        if self._waiting and not self._found.limit:
            self._state.leave_out("more scripts in one another than are followed")
        self._found.limit = self._found.limit or self._state.limit
        self._found.tricks.update(self._state.tricks)

    def _layer(self, language: str, text: str, depth: int) -> None:
        if depth > 12:
            self._found.limit = self._found.limit or LimitExceeded("script", "scripts in scripts too deep to follow")
            return
        is_hidden = depth > 0 and not any(text in source for source in self._sources)
        if language in ("page", "html"):
            self._found.layers.append(Layer("page", text, depth, is_hidden))
            for inner, code in pages.scripts(text):
                if inner == pages.MORE:
                    self._state.leave_out("a page of more scripts than are looked at")
                    continue
                self._waiting.append((inner, code, depth if inner != "data" else depth + 1))
            return
        if language == "data":
            text = texts.words(texts.base64(text)) or texts.unpercent(text)
            language = "javascript"
        shown = self._evaluated(language, text)
        self._found.layers.append(Layer(language, shown, depth, is_hidden))
        for inner, code in self._state.layers:
            self._waiting.append((_language_of(code, inner), code, depth + 1))
        self._state.layers.clear()
        for inner, code in (*commands.inside(shown), *self._made()):
            if inner == pages.MORE:
                self._state.leave_out("more commands in one script than are looked at")
                continue
            self._waiting.append((inner, code, depth + 1))

    def _made(self) -> Iterator[tuple[str, str]]:
        """Decoded texts that look like scripts, whether or not they were seen to be run."""
        for text in list(self._state.made):
            if language := commands.language_of(text):
                yield language, text
        self._state.made.clear()

    def _evaluated(self, language: str, text: str) -> str:
        match language:
            case "javascript":
                reader: EcmaScript | VbScript | PowerShell = EcmaScript(text, self._state)
            case "vbscript":
                reader = VbScript(text, self._state)
            case "powershell":
                reader = PowerShell(text, self._state)
            case "batch":
                return Batch(text, self._state).read()
            case _:
                return text
        try:
            reader.read()
        except LimitExceeded as error:
            self._state.stop(error)
        shown = rewritten(text, reader.spans)
        if language == "powershell" and "`" in shown:
            self._state.tricks["tick"] += len(_TICK.findall(shown))
            shown = shown.replace("`", "")
        return shown


def _language_of(code: str, said: str) -> str:
    if said == "html" or code.lstrip()[:1] == "<":
        return "page"
    return said


def rewritten(text: str, spans: dict[int, tuple[int, str]]) -> str:
    """With the outermost spans replaced; what they hold grows the text to a few times its size at most."""
    pieces: list[str] = []
    at, room = 0, 2 * len(text) + 2**18
    for start in sorted(spans):
        end, value = spans[start]
        if start < at:
            continue
        room -= len(value)
        if room < 0:
            break
        pieces += [text[at:start], value]
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


_BLANKS = re.compile(r"[ \t]{2,}")


def squeezed(text: str) -> str:
    """In small letters, with single blanks: what words are looked for in."""
    return _BLANKS.sub(" ", text.lower())
