"""Words that may open what is locked, and how many of them may be tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from lazaretto import config
from lazaretto.errors import LimitExceeded
from lazaretto.model import Finding, Kind, Severity

FROM_LIST = "the configured list"


class Words:
    """The words of one message with where each stands, and the budget for trying them.

    ``gather`` gives pairs of a word and, for people, where it was found ("the subject"); it is asked when a locked
    thing turns up, each time for what has come since.  ``clock`` gives seconds."""

    def __init__(
        self,
        limits: config.Unpack,
        gather: Callable[[], Iterable[tuple[str, str]]] = tuple,
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        self._limits, self._gather, self._clock = limits, gather, clock
        self._words: dict[str, str] = {}
        self._left = limits.password_seconds
        self._left_for_all = max(limits.password_seconds, 1.0)  # what opens by itself is looked at in any case
        self._tried = 0

    def __iter__(self) -> Iterator[str]:
        self._tried = 0
        for word in tuple(self._known()):
            if self._left <= 0 or self._tried >= self._limits.password_count:
                return
            self._tried += 1
            started = self._clock()
            try:
                yield word
            finally:
                self._left -= self._clock() - started

    def known_to_all(self, words: Iterable[str]) -> Iterator[str]:
        for word in words:
            if self._left_for_all <= 0:
                raise LimitExceeded(
                    "password_seconds", "too many locked files to try the words that open by themselves"
                )
            started = self._clock()
            try:
                yield word
            finally:
                self._left_for_all -= self._clock() - started

    def opened(self, word: str) -> Finding:
        where = self._known().pop(word, FROM_LIST)
        self._words = {word: where, **self._known()}
        return Finding(
            "unpack",
            "unpack.password",
            Kind.ENCRYPTED,
            Severity.INFORMATIONAL,
            evidence=(f"opened with a word of {where}",),
        )

    def refused(self, what: str = "") -> str:
        stopped = " before the time was up" if self._left <= 0 else ""
        return f"{what or 'locked'}: {self._tried or 'no'} word{'s' * (self._tried != 1)} tried{stopped}"

    def _known(self) -> dict[str, str]:
        for word, where in self._gather():
            if self._words.get(word, FROM_LIST) == FROM_LIST:
                self._words.pop(word, None)  # the list stands at the end
                self._words[word] = where
        for word in self._limits.passwords:
            self._words.setdefault(word, FROM_LIST)
        return self._words
