"""The policy document: read, checked as a whole, compiled once.  Immutable; a new policy is a new Document."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from lazaretto import config
from lazaretto.errors import ConfigError, Problem
from lazaretto.model import Step
from lazaretto.plugin import Action
from lazaretto.policy.check import Check
from lazaretto.policy.globs import Globs
from lazaretto.policy.schema import DocumentText, RuleText, What, When, Who


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    description: str
    who: Who
    what: What | None
    when: When | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """``rules`` in the order in which they are tried: the organisation's own, then the built-in defaults."""

    text: str = field(repr=False)
    version: str  # as written, and a hash of the own and the built-in text
    file: Path | None  # None: the built-in policy alone
    rules: tuple[Rule, ...]
    groups: Mapping[str, Globs] = field(default_factory=dict)


def default_text() -> str:
    return resources.files(__package__).joinpath("default.toml").read_text("utf-8")


def load(file: Path | None, actions: Mapping[str, Action]) -> Document:
    """The policy in ``file``, or the built-in one.  Raises ConfigError with every problem in it."""
    if file is None:
        return parse(default_text(), actions)
    try:
        return parse(file.read_text("utf-8"), actions, file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        remedy = "set policy.file to an existing document, or leave it out for the built-in policy"
        raise ConfigError(Problem(file, None, f"the policy cannot be read: {reason}", remedy)) from None


def parse(text: str, actions: Mapping[str, Action], file: Path | None = None) -> Document:
    """The policy in ``text``.  ``file`` says where it lies.  Raises ConfigError with every problem in it."""
    default = default_text()
    built_in = text == default
    own = _checked(text, actions, file, built_in=built_in)
    rules = own.rule if built_in else own.rule + _checked(default, actions, None, built_in=True).rule
    digest = hashlib.sha256(f"{text}\0{default}".encode()).hexdigest()
    return Document(text, f"{own.version}+{digest[:12]}", file, tuple(map(_compiled, rules)), own.groups)


def _checked(text: str, actions: Mapping[str, Action], file: Path | None, *, built_in: bool) -> DocumentText:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        raise ConfigError(
            Problem(file, int(at[1]) if at else None, f"not TOML: {error}", "see https://toml.io")
        ) from None
    lines = config.locate(text)
    found: list[Problem] = []
    try:
        document = DocumentText.model_validate(table)
        rules = list(enumerate(document.rule))
    except ValidationError as error:
        found = [_named(problem, table) for problem in config.problems_of(error, DocumentText, file, lines)]
        rules = _readable(table)  # so that every problem is told at once, not only those of form
    groups = table.get("groups", {})
    check = Check(actions, groups, file, lines, reserved=() if built_in else ("default.",))
    if problems := [*found, *check.problems(rules)]:
        raise ConfigError(*sorted(problems, key=lambda problem: problem.line or 0))
    return document


def _readable(table: Mapping[str, object]) -> list[tuple[int, RuleText]]:
    rules = []
    written = table.get("rule")
    for index, rule in enumerate(written if isinstance(written, list) else ()):
        with suppress(ValidationError):
            rules.append((index, RuleText.model_validate(rule)))
    return rules


def _named(problem: Problem, table: Mapping[str, object]) -> Problem:
    """Speaks of "rule x: what.kind" where the model says "rule.3.what.kind"."""
    at = re.match(r"(unknown key ')?rule\.(\d+)\.?(.*)", problem.what, re.DOTALL)
    written = table.get("rule")
    if not at or not isinstance(written, list):
        return problem
    rule = written[int(at[2])]
    name = rule.get("id") if isinstance(rule, dict) else None
    return replace(problem, what=f"rule {name or 'number ' + str(int(at[2]) + 1)}: {at[1] or ''}{at[3]}")


def _compiled(rule: RuleText) -> Rule:
    steps = tuple(Step(step.do, dict(step.__pydantic_extra__)) for step in rule.then)
    return Rule(rule.id, rule.description, rule.who, rule.what, rule.when, steps)
