"""One of our doors, open in a thread of its own, so that synchronous tests can drive real clients against it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self

import uvloop

from lazaretto.plugin import Line, Listener


class Opened:
    """``address`` is where it listens.  The grace at the end is ``grace`` seconds."""

    def __init__(self, door: Listener, line: Line, grace: float = 5) -> None:
        self.door, self._line, self._grace = door, line, grace
        self._loop = uvloop.new_event_loop()  # as a node does
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def address(self) -> str:
        return self.door.address

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self.door.start(self._line))
        return self

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """In the door's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.run(self.door.stop(self._grace))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
