"""Visual Basic projects of compound files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lazaretto.engines.macros.around import Around
from lazaretto.engines.macros.basic import Basic
from lazaretto.engines.macros.signs import Signs
from lazaretto.engines.macros.weights import Weights
from lazaretto.engines.macros.xlm import limit
from lazaretto.model import Finding, Kind, Severity, one_line
from lazaretto.office.compound import Compound
from lazaretto.office.vba import Module, Project, forms, projects

_ACTS = frozenset({"execute", "download", "inject", "write"})
_MOST = 64  # projects of one file
_SHOWN = 8
_LIBID = re.compile(r"^\*\\[a-d]")
_ELSEWHERE = ("http://", "https://", "\\\\", "file://")


class Judged(NamedTuple):
    """One project, read."""

    project: Project
    forms: list[tuple[str, str]]  # texts of its forms, with their names
    signs: Signs
    lines: int
    exhausted: bool


def inspect(file: Compound, weights: Weights) -> Iterator[Finding]:
    """By the code alone."""
    for each in judged(file, weights):
        yield from findings(each)


def judged(file: Compound, weights: Weights) -> Iterator[Judged]:
    texts = forms.texts(file)
    for count, project in enumerate(projects(file)):
        project.complete = project.complete and count < _MOST
        yield _judged(project, weights, texts)
        if count >= _MOST:
            return


def within(each: Judged, around: Callable[[], Around]) -> Judged:
    """The same with what stands around it, which is looked for only where it can change the grade.  The same object
    when there is nothing."""
    if not (each.signs.do("autorun") or each.signs.acts()):
        return each
    found = around()
    reads = not each.signs.seen.keys().isdisjoint(("store.variable", "store.form"))
    if reads and found.stored:
        each = _judged(each.project, each.signs.sheet, each.forms, found)
    elif not found.signs:
        return each
    signs = Signs(each.signs.sheet, {name: list(places) for name, places in each.signs.seen.items()})
    found.show(signs)
    return each._replace(signs=signs)


def _judged(project: Project, weights: Weights, texts: list[tuple[str, str]], around: Around | None = None) -> Judged:
    signs = Signs(weights)
    basic = Basic(signs, around.named if around else None)
    basic.stored(texts)
    if around:
        basic.stored(around.stored)
    basic.prepare([module.source for module in project.modules if module.has_code])
    for module in project.modules:
        if module.has_code:
            basic.read(one_line(module.name, 40), module.source)
            if module.stray:
                signs.add("hide.stray", module.name)
    _compiled(project, signs, basic)
    if project.protected:
        signs.add("see.protected", "")
    for each in project.references:
        # [MS-OVBA] 2.1.1.8: "*\G{...}#2.0#0#path#name" for a library, "*\Cpath" for a project
        if any(part.startswith(_ELSEWHERE) for part in _LIBID.sub("", each.lower()).split("#")):
            signs.add("see.reference", "", each)
    basic.finish()
    return Judged(project, texts, signs, basic.lines, basic.exhausted)


def findings(each: Judged) -> Iterator[Finding]:
    project, signs = each.project, each.signs
    if not signs.seen.keys() - {"see.protected"} and not any(module.has_code for module in project.modules):
        yield _empty(project)
    else:
        yield signs.finding("macro.vba", _described(project, each.lines))
    if each.exhausted or not project.complete:
        yield limit("more code or text than is looked at")


def _described(project: Project, lines: int) -> str:
    coded = sum(module.has_code for module in project.modules)
    notes = "".join(f"; {note}" for note in project.notes)
    return f"{lines} lines of code in {coded} of {len(project.modules)} modules{notes}"


def _empty(project: Project) -> Finding:
    """Excel leaves one behind when the last macro is deleted."""
    shown = f"a project without code, {len(project.modules)} modules"
    severity = Severity.LOW if project.notes else Severity.INFORMATIONAL
    return Finding("macros", "macro.vba.present", Kind.MACRO, severity, evidence=(shown, *project.notes))


def _compiled(project: Project, signs: Signs, basic: Basic) -> None:
    """Telling names and strings that only the compiled form has."""
    source = "\n".join(module.source for module in project.modules).lower()
    known = source.replace('""', '"')
    weights = signs.sheet
    starts = sorted(name for name in project.names if name in weights.subs and name not in source)
    acts = [
        name
        for name in sorted(project.names)
        if name in weights.calls and weights.heuristics[weights.calls[name]].does in _ACTS and name not in source
    ]
    strings = [found for module in project.modules for found in _lost(module, known, weights)]
    has_code = any(module.has_code for module in project.modules)
    if not strings and not (acts and starts) and (has_code or not acts):
        return
    signs.add("hide.stomped", "", ", ".join((starts + acts)[:_SHOWN]))
    for name in (*starts, *acts):
        signs.add(weights.subs.get(name) or weights.calls[name], "compiled code", name)
    basic.texts(strings)


def _lost(module: Module, known: str, weights: Weights) -> Iterator[tuple[str, str]]:
    for text in module.literals:
        lowered = text.lower()
        if lowered not in known:
            names = (name for word, name in weights.texts.items() if word in lowered)
            if any(weights.heuristics[name].does in _ACTS for name in names):
                yield text, f"compiled code of {module.name}"
