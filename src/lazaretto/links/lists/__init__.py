"""Lists of hosts as plain text; each says at its head where it is from and under which licence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Wrapper(NamedTuple):
    path: str  # what the path begins with; "" for any
    parameters: tuple[str, ...]
    is_guard: bool


class Brand(NamedTuple):
    domain: str
    domains: frozenset[str]
    labels: frozenset[str]  # its own below any public suffix
    generic: bool = False  # a word of its language: others have it in their names too


def lines(name: str) -> Iterator[str]:
    for line in (files(__name__) / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@cache
def hosts(name: str) -> dict[str, tuple[str, ...]]:
    """Host to the beginnings of paths that are meant; "" means all."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines(name):
        host, slash, path = line.partition("/")
        found[host] = (*found.get(host, ()), slash + path)
    return found


@cache
def wrappers() -> dict[str, tuple[Wrapper, ...]]:
    found: dict[str, tuple[Wrapper, ...]] = {}
    for line in lines("wrappers"):
        place, parameters, kind = line.split()
        host, slash, path = place.partition("/")
        one = Wrapper(slash + path, tuple(parameters.split(",")), kind == "guard")
        found[host] = (*found.get(host, ()), one)
    return found


@cache
def brands() -> tuple[Brand, ...]:
    return tuple(brand(line.split()) for line in lines("brands"))


def brand(words: list[str]) -> Brand:
    domains = frozenset(word for word in words if "." in word and not word.endswith(".*"))
    labels = frozenset(word[:-2] for word in words if word.endswith(".*"))
    return Brand(words[0], domains, labels, "generic" in words)


def above(host: str) -> Iterator[str]:
    """The host and those above it, without the last label."""
    while "." in host:
        yield host
        host = host[host.index(".") + 1 :]


def listed(host: str, path: str, table: dict[str, tuple[str, ...]]) -> str:
    """The entry that a link is below, or ""."""
    for name in above(host):
        for start in table.get(name, ()):
            if path.startswith(start):
                return name + start
    return ""
