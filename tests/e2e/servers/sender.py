"""A mail server's outgoing side: numbered messages over several connections, each tried until it is accepted."""

from __future__ import annotations

import queue
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.e2e.servers.running import wait_until
from tests.e2e.servers.site import hand_over, offer

PAUSE = 0.1  # seconds before the next try; a real one waits for minutes


@dataclass(frozen=True)
class Numbered:
    raw: bytes = field(repr=False)
    recipient: str


class Sender:
    """``told`` counts for each number how often the sender had handed the message over and was told to send it again,
    or could not know better: a 4xx, or a connection that broke before the answer.  (What fails before that can leave
    no second copy anywhere.)  Refusals for good end in ``refused``."""

    def __init__(self, port: int, mails: Mapping[int, Numbered], connections: int = 6) -> None:
        self._port, self._mails = port, mails
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in mails:
            self._waiting.put(number)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(connections)]
        self.accepted: set[int] = set()
        self.told: Counter[int] = Counter()
        self.refused: dict[int, str] = {}

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def done(self) -> int:
        return len(self.accepted) + len(self.refused)

    def wait(self, count: int, seconds: float = 60) -> None:
        """Until that many were accepted."""
        wait_until(lambda: self.done >= count, f"{count} deliveries (there are {self.done})", seconds)

    def _work(self) -> None:
        client: smtplib.SMTP | None = None
        while not self._over.is_set():
            try:
                number = self._waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            client = self._deliver(number, client)
        if client is not None:
            client.close()

    def _deliver(self, number: int, client: smtplib.SMTP | None) -> smtplib.SMTP | None:
        """The connection, when it can be used again."""
        mail, handed_over = self._mails[number], 0
        try:
            client = client or smtplib.SMTP("127.0.0.1", self._port, timeout=60)
            offer(client, mail.recipient)
            handed_over = 1
            hand_over(client, mail.raw)
            self.accepted.add(number)
        except (smtplib.SMTPException, OSError) as error:
            if client is not None:
                client.close()
            if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500:
                self.refused[number] = f"{error.smtp_code} {error.smtp_error!r}"
            else:
                self.told[number] += handed_over
                time.sleep(PAUSE)
                self._waiting.put(number)
            return None
        return client
