"""The engine that knows known threats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yara_x
from pydantic import Field

from lazaretto import config
from lazaretto.engines.patterns import clamav
from lazaretto.engines.patterns.library import load
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Engine

MATCHES_SHOWN = 3  # places named for each rule in the evidence


class PatternSettings(config.Settings):
    dirs: tuple[Path, ...] = Field(
        (), description="folders of YARA rules (.yar .yara), hash lists (.sha256 .md5), ClamAV files (.hdb .hsb .ndb)"
    )
    builtin: bool = Field(True, description="use the rules that come with Lazaretto (test threats)")
    seconds: int = Field(20, ge=1, le=600, description="time for the rules on one artifact; then a LIMIT finding")


class Patterns(Engine):
    """YARA-X rules, hash sets and ClamAV body signatures.

    A rule speaks through its metadata: ``threat`` (the name to report), ``kind``, ``severity``, ``confidence``.
    Without them a match is malware of high severity under the rule's own name.
    """

    name = "patterns"
    Settings = PatternSettings

    def __init__(self, settings: PatternSettings) -> None:
        """Reads and compiles; the result is shared with every process forked afterwards."""
        super().__init__(settings)
        with as_file(files("lazaretto.engines.patterns") / "rules") as own:
            self._library = load([*([own] if settings.builtin else []), *settings.dirs])
        self._seconds = settings.seconds
        self._scanner: yara_x.Scanner | None = None

    @property
    def version(self) -> str:
        return self._library.version

    def describe(self) -> tuple[str, ...]:
        return self._library.described

    def inspect(self, artifact: Artifact) -> Iterator[Finding]:
        for threat, digest in self._library.hashes.match(artifact.data, artifact.sha256):
            yield Finding(self.name, threat, Kind.MALWARE, Severity.HIGH, evidence=(f"hash {digest}",))
        try:
            matching = self._scan(artifact.data)
        except yara_x.TimeoutError:
            evidence = (f"{self._seconds} seconds; engines.patterns.seconds is the limit",)
            yield Finding(self.name, "limit.seconds", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
            return
        for rule in matching:
            about = dict(rule.metadata)
            if "target" not in about or _is_target(about["target"], artifact.type):
                yield _finding(self.name, rule, about)

    def _scan(self, data: bytes) -> Iterable[yara_x.Rule]:
        """A scanner belongs to one process, so it is made on first use; making it costs more than a scan."""
        if self._scanner is None:
            self._scanner = yara_x.Scanner(self._library.rules)
            self._scanner.set_timeout(self._seconds)
            self._scanner.max_matches_per_pattern(1000)
        return self._scanner.scan(data).matching_rules


def _is_target(target: object, kind: str) -> bool:
    patterns = clamav.TARGETS.get(target, ("*",)) if isinstance(target, int) else ("*",)
    return any(fnmatchcase(kind, pattern) for pattern in patterns)


def _finding(source: str, rule: yara_x.Rule, about: dict[str, Any]) -> Finding:
    places = [match.offset for pattern in rule.patterns for match in pattern.matches]
    where = f"at {', '.join(map(str, places[:MATCHES_SHOWN]))}" if places else "by its condition"
    name = str(about.get("threat", rule.identifier))
    return Finding(
        source,
        name,
        _one_of(Kind, str(about.get("kind", "")).lower(), Kind.MALWARE),
        _severity(str(about.get("severity", ""))),
        evidence=(f"rule {rule.identifier} of {Path(rule.namespace).name} matches {where}",),
        confidence=about["confidence"] if isinstance(about.get("confidence"), int) else 100,
    )


def _severity(text: str) -> Severity:
    return Severity[text.upper()] if text.upper() in Severity.__members__ else Severity.HIGH


def _one_of(kinds: type[Kind], text: str, fallback: Kind) -> Kind:
    return kinds(text) if text in {kind.value for kind in kinds} else fallback
