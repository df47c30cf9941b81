"""One piece of work on its way through the pool, and what can become of it besides an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lazaretto.workers.consultation import Consultation

MAX_CRASHES = 1  # one more try after the first, on another worker (DESIGN rule 7)
MAX_INTERRUPTIONS = 3  # not the message's doing; the bound is for the case that it is after all


class Cause(StrEnum):
    """Why there is no answer; the names of the findings that say so."""

    CRASHED = "worker.crashed"
    MEMORY = "worker.memory"
    DEADLINE = "worker.deadline"
    ERROR = "worker.error"  # the task raised
    INTERRUPTED = "worker.interrupted"  # the nursery ended and took the worker with it


@dataclass(frozen=True, slots=True)
class Loss:
    cause: Cause
    detail: str  # for people


class Lost(Exception):
    """Every try has ended without an answer; the last one's loss."""

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        super().__init__(loss.detail)


@dataclass(slots=True, eq=False)
class Ticket:
    """Work to do: ``rank`` and then ``number`` is the order in which tickets are served."""

    rank: int
    number: int
    request: bytes  # a wire.Request, encoded
    raw: bytes = field(repr=False)
    decode: Callable[[Any], Any]  # of the answer
    label: str  # names the message in reports
    answer: asyncio.Future[Any]
    consultation: Consultation | None = None  # takes what a worker hands out
    crashes: int = 0
    interruptions: int = 0

    def __lt__(self, other: Ticket) -> bool:
        return (self.rank, self.number) < (other.rank, other.number)

    def lose(self, loss: Loss) -> bool:
        """Takes note of a failed try; whether another one is due.  When not, whoever waits gets ``Lost``."""
        if self.answer.done():  # nobody waits any more
            return False
        if loss.cause is Cause.INTERRUPTED:
            self.interruptions += 1
            again = self.interruptions <= MAX_INTERRUPTIONS
        else:
            self.crashes += 1
            again = loss.cause in (Cause.CRASHED, Cause.MEMORY) and self.crashes <= MAX_CRASHES
        if again and self.consultation:
            self.consultation.restart()
        if not again:
            self.answer.set_exception(Lost(loss))
        return again
