"""The synchronous core that workers run: one message or file in, everything that is to be said about it out.

Built once with the configuration (patterns compiled, plugins made), then called for each message.  Whatever the
bytes do, ``inspect`` answers: an engine that fails is a finding, and policy decides what that is worth.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from lazaretto import config, plugin
from lazaretto.errors import ConfigError, Problem
from lazaretto.mime import header, parse
from lazaretto.mime import preview as mime_preview
from lazaretto.model import (
    Artifact,
    Envelope,
    Finding,
    Inspection,
    Kind,
    Message,
    Preview,
    Properties,
    Severity,
    Target,
)
from lazaretto.remote.engine import RemoteEngine
from lazaretto.results import recall
from lazaretto.unpack import hints, tree
from lazaretto.unpack.identify import identify
from lazaretto.unpack.limits import Budget
from lazaretto.unpack.signatures import MAIL

MOST_FINDINGS = 2_000  # of one message; they travel to the node and into the journal
MOST_TARGETS = 1_000  # of its links; they travel to the node

P = TypeVar("P", bound=plugin.Plugin)
Hand = Callable[[tuple[str, ...], tuple[str, ...], Artifact], None]
"""Takes an artifact out of the sandbox: names of the engines that are to have it judged, and the paths of all that
have its content and name."""


class Inspector:
    """Unpackers, engines and filters with their settings.  Not for several threads at once."""

    def __init__(self, loaded: config.Loaded) -> None:
        """Raises ConfigError with every problem in the sections of all plugins."""
        problems: list[Problem] = []

        def build(group: str, kind: type[P]) -> list[P]:
            try:
                return plugin.build(loaded, group, kind)
            except ConfigError as error:
                problems.extend(error.problems)
                return []

        self._limits = loaded.config.unpack
        self._unpackers = build("unpack", plugin.Unpacker)
        examiners = build("engines", plugin.Examiner)
        self._engines = [each for each in examiners if isinstance(each, plugin.Engine)]
        self._remotes = [each for each in examiners if isinstance(each, RemoteEngine)]
        self._filters = build("filters", plugin.Filter)
        if problems:
            raise ConfigError(*problems)
        self._by_type = tree.Table(self._unpackers)
        self.results = recall.Recall()

    @property
    def version(self) -> str:
        """Of everything that judges: the same engines with the same patterns give the same word on every node."""
        judges: list[plugin.Engine | plugin.Filter] = [*self._engines, *self._filters]
        lines = sorted(f"{judge.name} {judge.version}" for judge in judges)
        return "patterns-" + hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def describe(self) -> tuple[str, ...]:
        """What the engines have loaded, for the operator."""
        return tuple(line for engine in self._engines for line in engine.describe())

    def libraries(self) -> tuple[str, ...]:
        """What the unpackers use of the system, for the operator."""
        return tuple(dict.fromkeys(line for unpacker in self._unpackers for line in unpacker.describe()))

    def inspect(
        self,
        raw: bytes,
        envelope: Envelope | None,
        name: str = "",
        words: tuple[str, ...] = (),
        hand: Hand | None = None,
    ) -> Inspection:
        """A message with its envelope; without one, a file (which may be a mail).  ``words``: of earlier mails of its
        thread, for what is locked.  ``hand``: takes what other programs are to judge; without it, they are not asked.
        Never raises: what cannot be inspected is said by a finding."""
        run = _Run(self, raw, envelope, name, words, hand)
        try:
            run.work()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 hostile input, or our own flaw: neither may pass as clean
            run.say([_failed("inspection", error)])
        return run.result()

    def preview(self, raw: bytes) -> Preview:
        """The message as safe text, with what it holds."""
        message = parse.parse(raw)
        found = tree.explode_message(message, Budget(self._limits), self._by_type)
        return mime_preview.preview(message, [each.summary() for each in found if isinstance(each, Artifact)])


class _Run:
    """One inspection.  Collects as it goes, so that a failure keeps what was found before it."""

    def __init__(
        self,
        inspector: Inspector,
        raw: bytes,
        envelope: Envelope | None,
        name: str,
        words: tuple[str, ...],
        hand: Hand | None = None,
    ) -> None:
        self._hand = hand
        self._inspector, self._raw, self._envelope, self._name, self._words = inspector, raw, envelope, name, words
        self._thread: tuple[str, ...] = ()
        self._told: tuple[str, ...] = ()
        self._budget = Budget(inspector._limits)
        self._properties = Properties(size=len(raw))
        self._version = inspector.version
        self._artifacts: list[Artifact] = []
        self._findings: list[Finding] = []
        self._targets: dict[str, Target] = {}
        self._dropped = 0
        self._mildest = Severity.INFORMATIONAL  # of those that are kept, at least
        self._timings: dict[str, float] = {}
        self._sheets: list[tuple[Artifact, frozenset[str], recall.Sheet]] = []
        self._unknown: dict[bytes, recall.Sheet] = {}
        self._skipped: dict[str, list[str]] = defaultdict(list)  # engines by path of what they were not sent

    def work(self) -> None:
        message = self._message()
        with self._timed("unpack"):
            for thing in self._explode(message):
                if isinstance(thing, Artifact):
                    self._artifacts.append(thing)
                else:
                    self.say([thing])
        if self._hand and self._inspector._remotes:
            with self._timed("hand"):
                self._hand_out(self._hand)
        self._recall()
        for engine in self._inspector._engines:
            with self._timed(f"engine.{engine.name}"):
                self._ask(engine)
        for engine in self._inspector._engines:  # when all have spoken about single artifacts
            if type(engine).judge is not plugin.Engine.judge:
                with self._timed(f"judge.{engine.name}"):
                    self._judge_together(engine)
        self._remember()
        if message is not None and self._envelope is not None:
            with self._timed("filters"):
                self._judge(message, self._envelope)
            if self._inspector._limits.thread_days:
                self._thread = header.thread(message)
                self._told = hints.told(message, self._artifacts)

    def say(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if len(self._findings) < MOST_FINDINGS:
                self._findings.append(finding)
            else:
                self._dropped += 1
                self._displace(finding)

    def _displace(self, finding: Finding) -> None:
        """A worse one takes the place of the mildest: nobody hides a threat behind a crowd of oddities."""
        if finding.severity <= self._mildest:
            return
        at = min(range(MOST_FINDINGS), key=lambda each: self._findings[each].severity)
        self._mildest = self._findings[at].severity
        if finding.severity > self._mildest:
            self._findings[at] = finding

    def result(self) -> Inspection:
        findings = tuple(self._findings)
        if self._dropped:
            evidence = (f"{self._dropped} findings beyond the worst {MOST_FINDINGS} are not listed",)
            findings += (Finding("inspection", "limit.findings", Kind.LIMIT, Severity.MEDIUM, evidence=evidence),)
        if len(self._targets) > MOST_TARGETS:
            evidence = (f"of {len(self._targets)} links the first {MOST_TARGETS} are remembered; all were judged",)
            findings += (Finding("inspection", "limit.targets", Kind.LIMIT, Severity.INFORMATIONAL, evidence=evidence),)
        openings = self._budget.openings
        summaries = tuple(
            artifact.summary(openings.get(artifact.path), tuple(self._skipped.get(artifact.path, ())))
            for artifact in self._artifacts
        )
        targets = tuple(itertools.islice(self._targets.values(), MOST_TARGETS))
        return Inspection(
            self._properties, summaries, findings, self._version, self._timings, self._thread, self._told, targets
        )

    def _message(self) -> Message | None:
        if self._envelope is None and identify(self._raw, (self._name,)) != MAIL:  # an mbox is a container
            return None
        with self._timed("parse"):
            message = parse.parse(self._raw)
            self._properties = header.properties(message)
        return message

    def _explode(self, message: Message | None) -> Iterator[Artifact | Finding]:
        unpackers = self._inspector._by_type
        if message is not None:
            return tree.explode_message(message, self._budget, unpackers, self._words)
        return tree.explode(self._raw, (self._name,) if self._name else (), self._budget, unpackers)

    def _recall(self) -> None:
        """What is known of each artifact: one look-up for all engines that are sent it, however many."""
        results, sheets = self._inspector.results, dict[bytes, recall.Sheet]()
        for artifact in self._artifacts:
            wanted = [engine for engine in self._inspector._engines if engine.wants(artifact)]
            names = frozenset(engine.name for engine in wanted)
            if len(wanted) < len(self._inspector._engines):
                skipped = [engine.name for engine in self._inspector._engines if engine.name not in names]
                self._skipped[artifact.path] += skipped
            lasting = tuple(engine.name for engine in wanted if not engine.by_name)
            beside = tuple(engine.beside(artifact) for engine in wanted if not engine.by_name)
            key = results.key(artifact, lasting, self._version, beside)
            if key not in sheets:  # the same file twice in one message is looked up once
                sheets[key] = results.get(key, lasting) if lasting else recall.Sheet({}, set())
            self._sheets.append((artifact, names, sheets[key]))
        self._unknown = {key: sheet for key, sheet in sheets.items() if sheet.open}

    def _ask(self, engine: plugin.Engine) -> None:
        for artifact, names, sheet in self._sheets:
            if engine.name not in names:
                continue
            if engine.by_name or engine.name in sheet.open:
                findings = _guarded(engine.name, lambda artifact=artifact: engine.inspect(artifact))  # type: ignore[misc]
                if not engine.by_name and not self._overflows():
                    sheet.note(engine.name, findings)
            else:
                findings = sheet.said.get(engine.name, ())
            self._tell(artifact, findings)

    def _judge_together(self, engine: plugin.Engine) -> None:
        artifacts, findings = tuple(self._artifacts), tuple(self._findings)
        said = _guarded(engine.name, lambda: engine.judge(artifacts, findings))
        self.say(one for one in said if isinstance(one, Finding))

    def _overflows(self) -> bool:
        """From then on nothing more is kept of what engines say, or a message held more than it may say."""
        return bool(self._dropped) or len(self._targets) > MOST_TARGETS

    def _remember(self) -> None:
        for key, sheet in self._unknown.items():
            self._inspector.results.put(key, sheet)

    def _hand_out(self, hand: Hand) -> None:
        """What other programs are to judge goes first, so that they work while the engines here do; each content once
        for each name it has."""
        wanted: dict[tuple[str, str], tuple[Artifact, list[str], list[str]]] = {}
        for artifact in self._artifacts:
            for engine in self._inspector._remotes:
                if not artifact.data or not engine.wants(artifact):
                    self._skipped[artifact.path].append(engine.name)
                elif not engine.fits(len(artifact.data)):
                    self._tell(artifact, (engine.too_large(len(artifact.data)),))
                else:
                    _, engines, paths = wanted.setdefault((artifact.sha256, artifact.name), (artifact, [], []))
                    engines += [engine.name] * (engine.name not in engines)
                    paths += [artifact.path] * (paths[-1:] != [artifact.path])
        for artifact, engines, paths in wanted.values():
            hand(tuple(engines), tuple(paths), artifact)

    def _tell(self, artifact: Artifact, answers: Iterable[Finding | Target]) -> None:
        findings = []
        for answer in answers:
            if isinstance(answer, Target):
                self._targets.setdefault(answer.url, answer)
            else:
                findings.append(answer if answer.artifact is not None else replace(answer, artifact=artifact.path))
        self.say(findings)

    def _judge(self, message: Message, envelope: Envelope) -> None:
        artifacts: Sequence[Artifact] = tuple(self._artifacts)
        for each in self._inspector._filters:
            said = _guarded(each.name, lambda each=each: each.judge(message, envelope, artifacts))  # type: ignore[misc]
            self.say(one for one in said if isinstance(one, Finding))

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._timings[stage] = time.perf_counter() - started


def _guarded(source: str, ask: Callable[[], Iterable[Finding | Target]]) -> tuple[Finding | Target, ...]:
    """What an engine or filter says, and that it failed when it did."""
    found: list[Finding | Target] = []
    try:
        found.extend(ask())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 native libraries raise their panics beside Exception
        found.append(_failed(source, error))
    return tuple(found)


def _failed(source: str, error: BaseException) -> Finding:
    evidence = (tree.encodable(f"{type(error).__name__}: {error}")[:300],)
    return Finding(source, f"{source}.failed", Kind.FAILED, Severity.MEDIUM, evidence=evidence)
