"""``lazaretto config``: check it, show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cyclopts import App
from pydantic import BaseModel

from lazaretto.cli.listing import print_json, print_table
from lazaretto.cli.options import ConfigFile, Json, loaded
from lazaretto.config import Config, Key, Loaded, Settings
from lazaretto.errors import ConfigError, Problem
from lazaretto.plugin import GROUPS, Plugin, build, discover, settings_of

app = App(name="config", help="Check the configuration, or show every value and where it comes from.")


@dataclass(frozen=True)
class Value:
    """One line of ``config show``."""

    key: str
    value: Any
    origin: str
    description: str


@app.command
def check(*, config: ConfigFile = None) -> None:
    """Report every mistake in the configuration, the policy and the patterns, with file, line and remedy."""
    current = loaded(config)
    if found := problems(current):
        raise ConfigError(*found)
    print(f"{current.file or 'the built-in configuration'}: no mistakes found")


def problems(current: Loaded) -> list[Problem]:
    """Every mistake in the sections of plugins, in what those read (patterns), and in the policy."""
    found: list[Problem] = []
    for group, kind in GROUPS.items():
        try:
            build(current, group, kind)
        except ConfigError as error:
            found += error.problems
    try:
        _policy(current)
    except ConfigError as error:
        found += error.problems
    return found


def _policy(current: Loaded) -> None:
    from lazaretto.policy import document
    from lazaretto.treatment import build_actions

    try:
        actions = build_actions(current)
    except ConfigError:  # reported already; the policy is checked all the same, with the actions as they are by default
        config = current.config.model_copy(update={"actions": {}})
        actions = build_actions(replace(current, config=config))
    document.load(current.config.policy.file, actions)


@app.command
def show(*, config: ConfigFile = None, json: Json = False) -> None:
    """Show every key with its value, where the value comes from, and what it means."""
    current = loaded(config)
    values = list(_values(current))
    if json:
        for value in values:
            print_json(
                {"key": value.key, "value": str(value.value), "origin": value.origin, "description": value.description}
            )
        return
    rows = ([value.key, value.value, value.origin, value.description] for value in values)
    print_table(["Key", "Value", "From", "Meaning"], rows, "")


def _values(current: Loaded) -> Iterator[Value]:
    tables = set(GROUPS)
    yield from _of(current.config, (), current, skip=tables)
    for group, kind in GROUPS.items():
        if group not in Config.model_fields:
            continue
        for name, cls in discover(group, kind).items():
            if cls.default or name in getattr(current.config, group):
                yield from _of(_settings(current, group, name, cls), (group, name), current)


def _settings(current: Loaded, group: str, name: str, cls: type[Plugin]) -> Settings:
    from lazaretto.config import plugin_settings

    return plugin_settings(current, group, name, settings_of(cls))


def _of(settings: BaseModel, prefix: Key, current: Loaded, skip: set[str] | None = None) -> Iterator[Value]:
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _of(value, (*prefix, name), current)
        elif name not in (skip or ()):
            key = (*prefix, name)
            yield Value(".".join(key), value, current.origin(key), field.description or "")
