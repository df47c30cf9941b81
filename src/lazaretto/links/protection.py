"""Hosts that pretend to be another: look-alikes of protected domains and of much abused names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lazaretto.links import confusables
from lazaretto.links.hosts import Host
from lazaretto.links.lists import Brand, above
from lazaretto.links.suffixes import Rules, Split, split

_SHORTEST = 4  # letters of a name below which chance makes look-alikes
_TYPO = 6  # letters below which one letter more or less says nothing
_TOKENS = re.compile(r"[-_.]+")
# What is glued to a name to make it look like a department of it.
_ADDED = (
    "secure|security|login|logon|signin|verify|verification|accounts?|update|support|services?|help|online|billing"
    "|payment|pay|id|auth|alerts?|confirm|wallet|bank|web|mail|portal|info|customer|client|user|access|team|cent(?:er|re)"
    "|my|sso"
)
_DEPARTMENTS = re.compile(f"(?:{_ADDED})+")


class Likeness(NamedTuple):
    domain: str  # that it looks like
    how: str  # homoglyph, typo, word, subdomain, suffix, token
    said: str
    protected: bool  # the organisation's own, not of the list of brands
    generic: bool = False  # a word that others have in their names as well


class Guard:
    """Knows the protected names.  Asked once for each host."""

    def __init__(self, protected: Iterable[Brand], brands: Iterable[Brand], rules: Rules) -> None:
        self._rules = rules
        self._genuine: set[str] = set()
        self._anywhere: set[str] = set()  # labels that are genuine below any public suffix
        self._domains: dict[str, tuple[Brand, bool]] = {}
        self._labels: dict[str, tuple[Brand, bool]] = {}
        self._skeletons: dict[str, tuple[Brand, bool]] = {}
        self._near: dict[str, set[str]] = {}  # labels by themselves with one letter left out
        for own, group in ((True, protected), (False, brands)):
            for each in group:
                self._add(each, own)

    def _add(self, brand: Brand, own: bool) -> None:
        self._genuine |= brand.domains
        self._anywhere |= brand.labels
        for domain in brand.domains if own else (brand.domain,):
            label = split(domain, self._rules).label
            self._domains.setdefault(domain, (brand, own))
            if len(label) < _SHORTEST and not own:
                continue
            self._labels.setdefault(label, (brand, own))
            self._skeletons.setdefault(confusables.skeleton(label), (brand, own))
            if len(label) >= _TYPO:
                for short in (label, *_shorter(label)):
                    self._near.setdefault(short, set()).add(label)

    def is_genuine(self, host: str, parts: Split) -> bool:
        if parts.domain in self._genuine or (parts.label in self._anywhere and not parts.hosted):
            return True
        return any(name in self._genuine for name in above(host))

    def named(self, host: str) -> tuple[Brand, bool] | None:
        """Whose domain it is, when it is a protected one."""
        return next((self._domains[name] for name in above(host) if name in self._domains), None)

    def belongs(self, host: str, brand: Brand) -> bool:
        parts = split(host, self._rules)
        return any(name in brand.domains for name in above(host)) or parts.label in brand.labels

    def looks_like(self, host: Host, parts: Split) -> Likeness | None:
        if host.is_ip or "." not in host.name or not self._domains or self.is_genuine(host.name, parts):
            return None
        return next(self._alike(host, parts), None)

    def _alike(self, host: Host, parts: Split) -> Iterator[Likeness]:
        yield from self._whole(host, parts)
        label = host.shown.split(".")[-parts.domain.count(".") - 1] if host.shown != host.name else parts.label
        skeleton = confusables.skeleton(label)
        if known := self._labels.get(label):
            if not parts.hosted:
                yield _said(known, "suffix", f"the name of {known[0].domain} under another ending")
        elif known := self._skeletons.get(skeleton):
            yield _said(known, "homoglyph", f"{label!r} is read as {known[0].domain}")
        elif known := self._typo(label):
            yield _said(known, "typo", f"{label!r} is one letter away from {known[0].domain}")
        yield from self._added(label, parts)
        for token in _TOKENS.split(host.name[: -len(parts.domain) - 1]) if host.name != parts.domain else ():
            if known := self._labels.get(token):
                yield _said(known, "token", f"the name of {known[0].domain} before another domain")

    def _whole(self, host: Host, parts: Split) -> Iterator[Likeness]:
        """paypal.com.verify.example, and paypal-com.example."""
        before = host.name[: -len(parts.domain)].rstrip(".")
        labels = before.split(".")
        for at in range(len(labels) - 1):
            for end in (at + 2, at + 3):
                name = ".".join(labels[at:end])
                if known := self._domains.get(name):
                    yield _said(known, "subdomain", f"{name} stands before {parts.domain}, which is another's")
        for label in (*labels, parts.label):
            if "-" in label and (known := self._domains.get(label.replace("-", "."))):
                yield _said(known, "subdomain", f"{label!r} is written like {known[0].domain}")

    def _added(self, label: str, parts: Split) -> Iterator[Likeness]:
        tokens = _TOKENS.split(label) if "-" in label or "_" in label else []
        for token in tokens:
            known = self._labels.get(token) or (
                self._skeletons.get(confusables.skeleton(token)) if len(token) >= _TYPO else None
            )
            if known:
                rest = [other for other in tokens if other != token]
                yield _said(
                    known,
                    "word" if any(map(_is_department, rest)) else "token",
                    f"{label!r} holds the name of {known[0].domain}",
                )
        for size in range(_SHORTEST, len(label)):
            for name, more in ((label[:size], label[size:]), (label[-size:], label[:-size])):
                if (known := self._labels.get(name)) and _is_department(more.strip("-0123456789")):
                    yield _said(known, "word", f"{label!r} holds the name of {known[0].domain}")

    def _typo(self, label: str) -> tuple[Brand, bool] | None:
        if not _TYPO - 1 <= len(label) <= 40:
            return None
        for short in (label, *_shorter(label)):
            for near in self._near.get(short, ()):
                if _one_apart(label, near):
                    return self._labels[near]
        return None


def _said(known: tuple[Brand, bool], how: str, said: str) -> Likeness:
    return Likeness(known[0].domain, how, said, known[1], known[0].generic)


def _is_department(word: str) -> bool:
    return len(word) <= 40 and _DEPARTMENTS.fullmatch(word) is not None


def _shorter(label: str) -> list[str]:
    return [label[:at] + label[at + 1 :] for at in range(len(label))]


def _one_apart(one: str, other: str) -> bool:
    """One letter more, less or other, or two that changed places."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    if len(one) == len(other):
        rest, against = one[start:], other[start:]
        return rest[1:] == against[1:] or (rest[:2] == against[1::-1] and rest[2:] == against[2:])
    long, short = (one, other) if len(one) > len(other) else (other, one)
    return long[start + 1 :] == short[start:]
