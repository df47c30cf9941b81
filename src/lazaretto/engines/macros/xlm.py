"""Excel 4 macros: formulas in macro sheets of old workbooks, of packages and of SYLK files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from lazaretto.engines.macros.folding import Folder
from lazaretto.engines.macros.lexer import statements
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.texts import Texts
from lazaretto.engines.macros.weights import Weights
from lazaretto.mime import elements
from lazaretto.model import Finding, Kind, Severity
from lazaretto.office.biff import Cell, Workbook

_FUNCTION = re.compile(r"([A-Za-z_][\w.]*+)\s*+\(")
_STRING = re.compile(r"\"[^\"]*+\"?")
_ELSEWHERE = re.compile(r"(?:'[^'!]{1,64}'|\b\w{1,64})!(?=[A-Z]{1,3}\d)")  # the sheet of a cell
_NUMBER = re.compile(r"-?\d{1,15}(?:\.0*)?")
_LITERAL = re.compile(r"\"((?:[^\"]|\"\"){1,8000})\"")
_LITERALS = 50  # of one formula
_CHARS = 8
_MOST = 30_000  # cells
_LONGEST = 1 << 21  # characters of all their formulas
_NAMES = {"auto_open": "autorun.open", "auto_activate": "autorun.open"}
_NAMES |= {"auto_close": "autorun.close", "auto_deactivate": "autorun.close"}


class Sheets:
    """The macro sheets of one file."""

    def __init__(self, weights: Weights) -> None:
        self.signs = Signs(weights)
        self._folder, self._texts = Folder(), Texts()
        self._functions: set[str] = set()
        self._is_cut = False
        self.count = 0

    def name(self, name: str) -> None:
        """Excel takes any name that begins like one of its own."""
        for start, sign in _NAMES.items():
            if name.lower().startswith(start):
                self.signs.add(sign, "name", name)

    def read(self, cells: list[Cell]) -> None:
        """Twice, because a formula may use cells that stand after it."""
        if sum(len(each.text) for each in cells) > _LONGEST:
            cells = list(_first(cells))
            self._is_cut = True
        for again in (False, True):
            for each in cells:
                if not each.is_formula:
                    self._folder.variables[each.place.lower()] = _value(each.text)
                    if not again and len(each.text) > 3:
                        self._texts.add(each.text, f"{each.sheet}!{each.place}")
                elif not self._folder.exhausted:
                    self._formula(f"{each.sheet}!{each.place}", each, again)

    def _formula(self, where: str, each: Cell, again: bool) -> None:
        text = _ELSEWHERE.sub("", each.text.replace("$", "").lstrip("="))
        if not again:
            self.count += 1
            self._calls(where, text)
        for statement in statements(text):
            words, lower = statement.words, statement.lower
            if not again:
                for word in words:
                    if word[0] == '"' and len(word) > 4:
                        self._texts.add(word.strip('"'), where)
            found = self._folder.fold([each.place, "=", *words], [each.place.lower(), "=", *lower])
            for made in found if again else ():
                self._texts.add(made, where, joined=True)
                if made.startswith("="):  # a formula that another writes
                    self._written(where, made)
        if self._folder.chars >= _CHARS:
            self.signs.add("hide.char", where, "CHAR")

        if again and ("FORMULA" in text.upper() or "EVALUATE" in text.upper()):
            for literal in _LITERAL.findall(text)[:_LITERALS]:
                if "(" in literal:
                    self._written(where, literal.replace('""', '"'))

    def _written(self, where: str, text: str) -> None:
        """A formula that stands in a text, and what it puts together in turn."""
        self._calls(where, text)
        for statement in statements(text.lstrip("=")):
            if not self._folder.exhausted:
                for made in self._folder.fold(statement.words, statement.lower):
                    self._texts.add(made, where, joined=True)

    def _calls(self, where: str, text: str) -> None:
        for found in _FUNCTION.finditer(_STRING.sub('""', text)):
            name = found[1].lower().removeprefix("_xlfn.").removeprefix("_xludf.")
            if sign := self.signs.sheet.functions.get(name):
                self.signs.add(sign, where, found[1])

    def findings(self, first: str) -> Iterator[Finding]:
        self._texts.search(self.signs)
        yield self.signs.finding("macro.xlm", first)
        if self._folder.exhausted or self._texts.full or self._is_cut:
            yield limit("formulas have or make more text than is looked at")


def _value(text: str) -> str | int:
    """What a cell holds: keys of texts are numbers."""
    return int(text.partition(".")[0]) if _NUMBER.fullmatch(text) else text


def _first(cells: list[Cell]) -> Iterator[Cell]:
    left = _LONGEST
    for each in cells:
        left -= len(each.text)
        if left < 0:
            return
        yield each


def workbook(book: Workbook, weights: Weights) -> Iterator[Finding]:
    macros = [sheet for sheet in book.sheets if sheet.has_macros]
    if book.locked or not (macros or book.cells):
        return
    sheets = Sheets(weights)
    for name in book.names:
        sheets.name(name)
    for sheet in macros:
        if sheet.hidden:
            sheets.signs.add("hide.sheet", sheet.name)
    sheets.read(book.named + book.cells)
    yield from sheets.findings(f"{sheets.count} formulas in {max(len(macros), 1)} macro sheets")
    if not book.complete:
        yield limit("more formulas than are looked at")


def package_sheet(text: str, weights: Weights) -> Iterator[Finding]:
    """A part of its own, with the formulas as text."""
    found = cells(text)
    yield from _loose(found, weights, len(found) < _MOST)


def cells(text: str, shared: Sequence[str] = ()) -> list[Cell]:
    """[MS-OFFMACRO2] 2.2.1.1; ``shared``: the strings of the workbook, which cells name by their number."""
    found: list[Cell] = []
    place, is_shared = "?", False
    for each in elements.named(text, "c", "f", "v", "t"):
        if each.name == "c":
            given = each.attributes
            place, is_shared = given.get("r") or "?", given.get("t") == "s"
        elif each.name == "f" or not found or found[-1].place != place:  # the value of a formula is not of interest
            value = html.unescape(each.text)
            if is_shared and each.name == "v":
                value = shared[int(value)] if value.isdecimal() and int(value[:9]) < len(shared) else ""
            if value:
                found.append(Cell("sheet", place, value, each.name == "f"))
        if len(found) >= _MOST:
            break
    return found


def binary_sheet(found: list[Cell], weights: Weights) -> Iterator[Finding]:
    """Of a binary package: nothing in it says that it is a macro sheet, but what only those can have."""
    if any(each.is_formula and _ONLY_IN_MACROS.search(each.text) for each in found):
        yield from _loose(found, weights, len(found) < _MOST)


def _loose(cells: list[Cell], weights: Weights, complete: bool) -> Iterator[Finding]:
    sheets = Sheets(weights)
    sheets.read(cells)
    if sheets.signs.do("execute", "inject", "hide"):
        sheets.signs.add("autorun.elsewhere", "")
    yield from sheets.findings(f"{sheets.count} formulas in a macro sheet")
    if not complete:
        yield limit("more formulas than are looked at")


_ONLY_IN_MACROS = re.compile(
    r"\b(?:EXEC|CALL|REGISTER|HALT|RETURN|RUN|GOTO|FORMULA|FORMULA\.FILL|ALERT|FOPEN|SET\.VALUE|SET\.NAME|EXECUTE)\("
)
_SYLK = re.compile(r"^(NN;.*|C;.*)$", re.MULTILINE)
_PLACE = re.compile(r";([XY])(\d{1,7})(?=;|$)")


def sylk(text: str, weights: Weights) -> Iterator[Finding]:
    """A text format of spreadsheets (Multiplan's; no specification), which may have Excel 4 macros."""
    sheets = Sheets(weights)
    cells: list[Cell] = []
    where = {"X": "1", "Y": "1"}
    for found in _SYLK.finditer(text.replace("\r\n", "\n").replace("\r", "\n")):
        line = found[1]
        if line.startswith("NN;"):
            for part in line.split(";"):
                sheets.name(part.removeprefix("N"))
            continue
        head, mark, formula = line.partition(";E")
        where.update(_PLACE.findall(head))
        if mark and len(cells) < _MOST:
            cells.append(Cell("sheet", f"R{where['Y']}C{where['X']}", formula.replace(";;", ";"), True))
    sheets.read(cells)
    if sheets.signs.seen or _FUNCTION_OF_MACROS.search(text):
        yield from sheets.findings(f"{sheets.count} formulas in a SYLK file")


_FUNCTION_OF_MACROS = re.compile(r";E(?:HALT|RETURN|ALERT)\(")


def limit(what: str) -> Finding:
    return Finding("macros", "macro.limit", Kind.LIMIT, Severity.MEDIUM, evidence=(what,))
