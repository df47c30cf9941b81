"""How many, how often, how much: the limits that all connections of a door share."""

from __future__ import annotations

import time
from collections import Counter

from lazaretto.protocols.smtp.reply import Reply
from lazaretto.smtpd.settings import DoorSettings


class Admission:
    """Each question is answered with None, or with the reply that refuses."""

    def __init__(self, settings: DoorSettings) -> None:
        self._settings = settings
        self._by_ip: Counter[str] = Counter()  # connections that are open
        self._minute = 0
        self._messages: Counter[str] = Counter()  # begun in this minute
        self.held = 0  # bytes of messages in hand

    def enter(self, ip: str) -> Reply | None:
        """A stranger's connection; when admitted, ``leave`` must follow."""
        limit = self._settings.max_connections_per_ip
        if limit and self._by_ip[ip] >= limit:
            return Reply.of("421 4.7.0 Too many connections from your address")
        self._by_ip[ip] += 1
        return None

    def leave(self, ip: str) -> None:
        self._by_ip[ip] -= 1
        if not self._by_ip[ip]:
            del self._by_ip[ip]

    def begin(self, ip: str) -> Reply | None:
        """A message; counted in whole minutes, so that nothing is kept for longer."""
        if not self._settings.max_messages_per_minute:
            return None
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute = minute
            self._messages.clear()
        if self._messages[ip] >= self._settings.max_messages_per_minute:
            return Reply.of("450 4.7.1 Too many messages from your address, try again later")
        self._messages[ip] += 1
        return None

    def hold(self, size: int) -> Reply | None:
        """Memory for so many bytes; when granted, ``release`` must follow."""
        if self.held + size > self._settings.max_held_bytes:
            return Reply.of("452 4.3.1 Too busy, try again later")
        self.held += size
        return None

    def release(self, size: int) -> None:
        self.held -= size
