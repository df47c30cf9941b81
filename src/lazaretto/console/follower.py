"""Reads the node's journal into the console's database, for as long as the console runs."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog

from lazaretto.config import Config
from lazaretto.console import ingest
from lazaretto.control.client import Client
from lazaretto.errors import ControlError, LazarettoError, NotFound
from lazaretto.model import Item

log = structlog.get_logger("console")

_WAIT = 25.0  # seconds that the node may keep a question open when nothing happens
_PAUSES = (0.5, 1.0, 2.0, 5.0)  # seconds before asking again a node that does not answer
_PRUNE_EVERY = 3600.0
_UNREADABLE = (msgspec.DecodeError, ValueError)  # an event of a newer release, or one that is not whole


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """One console for each database: the lock goes with the process, however it ends."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ControlError(f"another console is running on {folder}; stop it first") from None
        yield
    finally:
        os.close(handle)


class Follower(threading.Thread):
    """Daemon thread; ``stop`` ends it.  A node that is down is asked again until it is back."""

    def __init__(self, config: Config) -> None:
        super().__init__(name="follower", daemon=True)
        self._keep = timedelta(days=config.journal.keep_days)
        self._client = Client(config.control_socket)
        self._over = threading.Event()
        self._pruned = 0.0

    def stop(self) -> None:
        self._over.set()

    def close(self) -> None:
        self._client.close()

    def run(self) -> None:
        from django.db import connection

        failures = 0
        while not self._over.is_set():
            try:
                self.step()
                failures = 0
            except Exception as error:  # noqa: BLE001  # whatever it is: say so on every page and try again
                self._tell(error)
                self._over.wait(_PAUSES[min(failures, len(_PAUSES) - 1)])
                failures += 1
        self.close()
        connection.close()

    def step(self, wait: float = _WAIT) -> int:
        """Asks once and stores the answer; returns the number of new events."""
        after = ingest.cursor()
        if after > self._client.status().cursor:
            log.warning("the journal is shorter than before, reading it from the beginning", after=after)
            ingest.restart()
            after = 0
        ingest.heard()
        entries = self._client.events(after=after, wait=wait)
        count = 0
        if entries.entries or entries.cursor > after:
            from django.utils import timezone

            count = ingest.record(entries, self._look_up, timezone.now() - self._keep)
        if time.monotonic() - self._pruned > _PRUNE_EVERY or not self._pruned:
            ingest.prune(self._keep)
            self._pruned = time.monotonic()
        return count

    def _look_up(self, item_id: str) -> Item | None:
        try:
            return self._client.item(item_id)
        except (NotFound, ControlError, *_UNREADABLE):
            return None

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, LazarettoError):
            log.error("the journal cannot be followed", error=repr(error))
        what = str(error) if isinstance(error, LazarettoError) else f"the journal cannot be followed: {error!r}"
        try:
            ingest.heard(what)
        except Exception as second:  # noqa: BLE001  # the database itself may be the trouble
            log.error("the console's database cannot be written", error=repr(second))
