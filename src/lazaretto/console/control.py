"""The node as the pages see it: one client for the process, its status asked for at most every other second."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from lazaretto.control.client import Client
from lazaretto.control.types import NodeStatus
from lazaretto.errors import LazarettoError

_FRESH = 2.0  # seconds that an answer is good for
_PATIENCE = 3.0  # seconds that a page waits for the node


@dataclass(frozen=True, slots=True)
class View:
    """What is known of the node: its status, or why there is none."""

    status: NodeStatus | None
    trouble: str = ""


class Watch:
    """Remembers the last status, so that many readers ask the node no more than one does."""

    def __init__(self, client: Client) -> None:
        self._client, self._lock = client, threading.Lock()
        self._view, self._at = View(None), float("-inf")

    def view(self) -> View:
        with self._lock:
            if time.monotonic() - self._at > _FRESH:
                self._view, self._at = self._ask(), time.monotonic()
            return self._view

    def forget(self) -> None:
        """The next reader gets a fresh answer: something was just done."""
        with self._lock:
            self._at = float("-inf")

    def close(self) -> None:
        self._client.close()

    def _ask(self) -> View:
        try:
            return View(self._client.status())
        except (LazarettoError, ValueError) as error:  # ValueError: an answer of another release
            return View(None, str(error))


@cache
def client() -> Client:
    return Client(settings.LAZARETTO.control_socket)


@cache
def watch() -> Watch:
    return Watch(Client(settings.LAZARETTO.control_socket, timeout=_PATIENCE))


def close() -> None:
    """Ends the connections; the next call opens new ones."""
    for each in (client, watch):
        if each.cache_info().currsize:
            each().close()
            each.cache_clear()
