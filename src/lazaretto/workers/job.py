"""What our workers do: inspect, treat, preview."""

from __future__ import annotations

from lazaretto import config, treatment
from lazaretto.errors import ConfigError, Problem
from lazaretto.inspection import Hand, Inspector
from lazaretto.model import Address, Can, Direction, Envelope, Inspection, Preview, Treatment, Verdict, now


class Job:
    """The pool's default task.  Everything it will ever need is loaded when it is made: later no file can be
    opened, so nothing that runs in a worker may import inside a function.

    It is not tried on a sample in the nursery: engines make their scanners and threads on first use, and neither
    survives a fork."""

    def __init__(self, loaded: config.Loaded) -> None:
        """Raises ConfigError with the problems of inspecting and of treating."""
        problems: list[Problem] = []
        try:
            self._inspector = Inspector(loaded)
        except ConfigError as error:
            problems.extend(error.problems)
        try:
            self._actions = treatment.build_actions(loaded)
        except ConfigError as error:
            problems.extend(error.problems)
        if problems:
            raise ConfigError(*problems)
        self.results = self._inspector.results

    @property
    def version(self) -> str:
        return self._inspector.version

    def describe(self) -> tuple[str, ...]:
        return self._inspector.describe()

    def libraries(self) -> tuple[str, ...]:
        return self._inspector.libraries()

    def inspect(
        self,
        raw: bytes,
        envelope: Envelope | None,
        name: str,
        words: tuple[str, ...] = (),
        hand: Hand | None = None,
    ) -> Inspection:
        return self._inspector.inspect(raw, envelope, name, words, hand)

    def treat(self, raw: bytes, verdict: Verdict, inspection: Inspection) -> Treatment:
        """What was edited is inspected again before anybody gets it."""
        return treatment.treat(raw, verdict, inspection, self._actions, self._again)

    def preview(self, raw: bytes) -> Preview:
        return self._inspector.preview(raw)

    def _again(self, raw: bytes) -> Inspection:
        """With an envelope, of whatever content, the bytes are read as a message even where they look like none."""
        nobody = Address("")
        return self._inspector.inspect(
            raw, Envelope("", "", Direction.INTERNAL, nobody, (nobody,), Can.REPORT, now()), ""
        )
