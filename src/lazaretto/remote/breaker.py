"""When to leave a server alone: after a failure for a while, then for twice as long, until it answers again."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


class Breaker:
    """Open after one failure.  When the pause is over one caller is let through, and how he fares decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pause = 0.0  # 0: closed
        self._until = 0.0
        self._on_trial = False
        self.why = ""

    @property
    def closed(self) -> bool:
        return not self._pause

    @property
    def due(self) -> bool:
        """Open, and the pause is over."""
        return not self.closed and self._clock() >= self._until

    def allows(self) -> bool:
        """Whether the server may be asked now.  Where it may on trial, nobody else may until the trial is over."""
        if self.closed:
            return True
        if not self.due:
            return False
        self._until, self._on_trial = self._clock() + self._pause, True
        return True

    def succeeded(self) -> None:
        self._pause, self._on_trial, self.why = 0.0, False, ""

    def failed(self, why: str) -> None:
        """Of many that were under way when it died, the first counts: each would double the pause else."""
        if self._pause and not self._on_trial:
            return
        self._pause = min(self._pause * 2, LONGEST_PAUSE) if self._pause else FIRST_PAUSE
        self._until, self._on_trial, self.why = self._clock() + self._pause, False, why
