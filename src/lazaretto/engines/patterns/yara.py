"""YARA files of others, as they are: what can be compiled serves, what cannot is named with line and reason."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yara_x

from lazaretto.engines.patterns.facts import VARIABLES
from lazaretto.engines.patterns.source import Header, Source

_SYNTAX = "E001"
_SLOW = ("slow_pattern", "potentially_slow_loop")
_MOST_WARNINGS = 10_000
_WRITTEN = re.compile(r"error\[(\w+)\]: (.*)(?:\n *--> .*?(\d+):\d+$)?(?:[\s\S]*?\^+ (.*))?", re.M)
_VARIABLE = re.compile(rf"\b(?:{'|'.join(VARIABLES)})\b")


def compiler() -> yara_x.Compiler:
    """One that takes what YARA and the tools around it take: loose regular expressions, external variables."""
    made = yara_x.Compiler(relaxed_re_syntax=True, includes_enabled=False)
    made.max_warnings(_MOST_WARNINGS)
    for name in VARIABLES:
        made.define_global(name, "")
    return made


def slow(compiler: yara_x.Compiler, rules: Mapping[str, list[Header]]) -> Iterator[tuple[str, str]]:
    """Namespace and name of each rule that has to be tried at nearly every byte; before ``build``, which forgets."""
    told = set()
    for warning in compiler.warnings():
        if warning["code"] in _SLOW and warning["labels"]:
            namespace = str(warning["labels"][0]["code_origin"])
            owner = _owner(rules.get(namespace, []), warning["line"])
            if owner and (namespace, owner.name) not in told:
                told.add((namespace, owner.name))
                yield namespace, owner.name


@dataclass(slots=True)
class Compiled:
    """What came of one file."""

    headers: list[Header]
    refused: list[tuple[int, str]] = field(default_factory=list)  # line and reason
    by_name: bool = False  # it asks for a variable, so that its answer depends on more than the content


def add(into: yara_x.Compiler, source: Source, file: Path, namespace: str) -> Compiled:
    """Compiles the file's rules into a namespace of its own, so that names may be used again in other files."""
    into.new_namespace(namespace)
    headers = source.headers()
    errors = _compile(into, source.text, namespace)
    if any(error["code"] == _SYNTAX for error in errors):
        errors = _one_by_one(into, source, headers, errors)
    refused = [_place(source, file, error["line"], _reason(error, headers)) for error in errors]
    refused += [(number, _elsewhere(file, current) + why) for current, number, why in source.refused]
    return Compiled(headers, sorted(refused), bool(_VARIABLE.search(source.text)))


def _compile(into: yara_x.Compiler, text: str, origin: str) -> list[dict[str, Any]]:
    """Every error; the rules without one are in force.  They are asked of another compiler, because each question
    is answered with all errors that a compiler ever had."""
    try:
        into.add_source(text, origin=origin)
    except yara_x.CompileError:
        asked = compiler()
        with contextlib.suppress(yara_x.CompileError):
            asked.add_source(text, origin=origin)
        return list(asked.errors())
    return []


def _first_error(into: yara_x.Compiler, text: str) -> dict[str, Any] | None:
    """As it is written for people, which is all that costs no more with every error before."""
    try:
        into.add_source(text)
    except yara_x.CompileError as error:
        if found := _WRITTEN.match(str(error)):
            code, title, line, label = found.groups()
            return {"code": code, "title": title, "line": int(line or 1), "labels": [{"text": label}] if label else []}
        return {"code": "", "title": str(error).partition("\n")[0], "line": 1}
    return None


def _one_by_one(
    into: yara_x.Compiler, source: Source, headers: list[Header], errors: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A mistake in the syntax may swallow rules behind it, so each is tried by itself, in their order; one that is
    in force already is refused as a duplicate, which is no mistake."""
    head = "".join(f'import "{name}" ' for name in source.imports())
    kept = [error for error in errors if _owner(headers, error["line"]) is None]
    ends = [*(header.start for header in headers[1:]), len(source.text)][: len(headers)]
    tried: set[str] = set()
    for header, end in zip(headers, ends, strict=True):
        text = source.text[header.start : end].strip()
        found = _first_error(into, head + text)
        if header.name not in tried and found and found["title"] == f"duplicate rule `{header.name}`":
            found = None
        tried.add(header.name)
        last = text.count("\n") + 1  # what is not closed is missed behind the end
        kept += [{**found, "line": min(found["line"], last) + header.line - 1}] if found else []
    return kept


def _owner(headers: list[Header], line: int) -> Header | None:
    """The rule that a line is in."""
    before = [header for header in headers if header.line <= line]
    return before[-1] if before else None


def _reason(error: dict[str, Any], headers: list[Header]) -> str:
    owner = _owner(headers, error["line"])
    labels = [label["text"] for label in error.get("labels", ())]
    detail = f" ({labels[0]})" if error["code"] == _SYNTAX and labels else ""
    return f"rule {owner.name}: {error['title']}{detail}" if owner else f"{error['title']}{detail}"


def _place(source: Source, file: Path, line: int, why: str) -> tuple[int, str]:
    """A line of the gathered text in the words of the file it came from."""
    current, number = source.places[min(line, len(source.places)) - 1] if source.places else (file, line)
    return number, _elsewhere(file, current) + why


def _elsewhere(file: Path, current: Path) -> str:
    return "" if current == file else f"in {current.name}: "
