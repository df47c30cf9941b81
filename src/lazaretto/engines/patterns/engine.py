"""The engine that knows known threats."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from importlib.resources import as_file, files
from pathlib import Path

import yara_x
from pydantic import Field

from lazaretto import config
from lazaretto.engines.patterns import samples
from lazaretto.engines.patterns.clam.occurrences import ExhaustedError
from lazaretto.engines.patterns.facts import facts
from lazaretto.engines.patterns.library import MOST_YARA, at_home, load
from lazaretto.engines.patterns.meaning import NOTED_BELOW, meaning
from lazaretto.errors import ConfigError
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Engine

MATCHES_SHOWN = 3  # places named for each rule in the evidence


class PatternSettings(config.Settings):
    dirs: tuple[Path, ...] = Field(
        (),
        description="folders of YARA rules (.yar .yara), hash lists (.sha256 .md5), ClamAV files (.hdb .ndb .ldb ...)",
    )
    unwanted: bool = Field(
        False, description="use ClamAV's signatures of potentially unwanted programs (.hdu .ndu ...)"
    )
    builtin: bool = Field(True, description="use the rules that come with Lazaretto (test threats)")
    seconds: int = Field(20, ge=1, le=600, description="time for the rules on one artifact; then a LIMIT finding")
    noted_below: int = Field(
        NOTED_BELOW, ge=0, le=101, description="YARA rules with a lower score (0 to 100) only inform, and hold no mail"
    )
    noted: tuple[str, ...] = Field((), description='YARA rules that only inform: names or patterns, "SUSP_*"')
    ignored: tuple[str, ...] = Field((), description="YARA rules that are not heard at all: names or patterns")
    yara_megabytes: int = Field(MOST_YARA >> 20, ge=1, description="MiB of YARA rules; a larger set is not taken")


class Patterns(Engine):
    """YARA-X rules, hash sets and ClamAV signatures.

    A rule speaks through its metadata (``meaning``): ``threat`` (the name to report), ``kind``, ``severity``,
    ``confidence``, or what public sets have in their place.  Without any a match is malware of high severity under
    the rule's own name.
    """

    name = "patterns"
    by_name = False  # ``beside`` says when
    Settings = PatternSettings

    def __init__(self, settings: PatternSettings) -> None:
        """Reads, compiles and tries the samples; the result is shared with every process forked afterwards."""
        super().__init__(settings)
        self._set = settings
        self._scanner: yara_x.Scanner | None = None
        with as_file(files("lazaretto.engines.patterns") / "rules") as own:
            folders = [*([own] if settings.builtin else []), *settings.dirs]
            try:
                self._library = load(folders, settings.yara_megabytes << 20, settings.unwanted)
                self._try_samples()
            except ConfigError as error:
                raise ConfigError(*(at_home(problem, folders) for problem in error.problems)) from None
        said = repr((settings.noted_below, settings.noted, settings.ignored))
        self._version = f"{self._library.version}-{hashlib.sha256(said.encode()).hexdigest()[:6]}"

    @property
    def version(self) -> str:
        return self._version

    def describe(self) -> tuple[str, ...]:
        tried = len(self._library.samples)
        return (*self._library.described, *([f"{tried} samples are as the sets say"] if tried else []))

    @property
    def refused(self) -> int:
        """How many rules and lines do not serve."""
        return self._library.refused

    def beside(self, artifact: Artifact) -> str:
        """Only where a rule asks how the artifact is called."""
        return repr(facts(artifact)) if self._library.by_name else ""

    def inspect(self, artifact: Artifact) -> Iterator[Finding]:
        try:
            for threat, why in self._library.clamav.match(artifact):
                yield Finding(self.name, threat, Kind.MALWARE, Severity.HIGH, evidence=(why,))
        except ExhaustedError:
            spent = ("too much in it looks like signatures to compare all of it",)
            yield Finding(self.name, "limit.signatures", Kind.LIMIT, Severity.MEDIUM, evidence=spent)
        try:
            matching = self._scan(artifact)
        except yara_x.TimeoutError:
            evidence = (f"{self._set.seconds} seconds; engines.patterns.seconds is the limit",)
            yield Finding(self.name, "limit.seconds", Kind.LIMIT, Severity.MEDIUM, evidence=evidence)
            return
        told: set[tuple[str, str]] = set()
        for rule in matching:
            if (finding := self._finding(rule, artifact)) and (key := (rule.identifier, _where(rule))) not in told:
                told.add(key)  # sets copy from each other
                yield finding

    def _scan(self, artifact: Artifact) -> Iterable[yara_x.Rule]:
        """A scanner belongs to one process, so it is made on first use; making it costs more than a scan."""
        if self._scanner is None:
            self._scanner = yara_x.Scanner(self._library.rules)
            self._scanner.set_timeout(self._set.seconds)
            self._scanner.max_matches_per_pattern(1000)
        if self._library.by_name:
            for name, value in facts(artifact).items():
                self._scanner.set_global(name, value)
        return self._scanner.scan(artifact.data).matching_rules

    def _finding(self, rule: yara_x.Rule, artifact: Artifact) -> Finding | None:
        about = dict(rule.metadata)
        if _among(rule.identifier, self._set.ignored):
            return None
        means = meaning(rule.identifier, tuple(rule.tags), about, self._set.noted_below)
        return Finding(
            self.name,
            means.name,
            means.kind,
            Severity.INFORMATIONAL if _among(rule.identifier, self._set.noted) else means.severity,
            evidence=(f"rule {rule.identifier} of {Path(rule.namespace).name} matches {_where(rule)}", *means.notes),
            confidence=means.confidence,
        )

    def _try_samples(self) -> None:
        """Raises ConfigError with every sample that is not as it says."""
        if self._library.samples and (failures := samples.try_apart(list(self._library.samples), self._hits)):
            raise ConfigError(*failures)

    def _hits(self, artifact: Artifact) -> Iterator[samples.Hit]:
        """What matches a sample.  Raises yara_x.TimeoutError."""
        for rule in self._scan(artifact):
            finding = self._finding(rule, artifact)
            informs = finding is None or finding.severity is Severity.INFORMATIONAL
            yield samples.Hit(rule.identifier, Path(rule.namespace), informs)


def _among(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _where(rule: yara_x.Rule) -> str:
    places = [match.offset for pattern in rule.patterns for match in pattern.matches]
    return f"at {', '.join(map(str, places[:MATCHES_SHOWN]))}" if places else "by its condition"
