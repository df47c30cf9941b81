"""A mail server's site as the guides set it up: Postfix around a node, a sink behind Postfix.

``way`` is how mail comes to the node: "milter" or "proxy" (before-queue).  ``release_to`` is the door of Postfix that
takes released mail: "behind" asks nobody, "front" is the scanned one.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self

from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.postfix import Postfix
from tests.e2e.servers.running import free_port
from tests.e2e.servers.sink import Sink


class Site:
    """``sections`` are added to the node's configuration; ``release_to`` may also be an address."""

    def __init__(
        self,
        way: str,
        *,
        policy: str = "",
        release_to: str = "behind",
        sections: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.way = way
        self._policy, self._release_to, self._sections = policy, release_to, sections or {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        try:
            self.sink = enter(Sink())
            doors = {name: free_port() for name in ("milter", "smtp")}
            self.postfix = enter(
                Postfix(
                    deliver_to=self.sink.transport,
                    milters=[f"inet:127.0.0.1:{doors['milter']}"] if self.way == "milter" else (),
                    proxy_filter=f"127.0.0.1:{doors['smtp']}" if self.way == "proxy" else "",
                )
            )
            behind = f"127.0.0.1:{self.postfix.reinjection_port}"
            release_to = {"behind": behind, "front": f"127.0.0.1:{self.postfix.port}"}
            sections = {
                "listeners.milter": {"listen": f"127.0.0.1:{doors['milter']}"},
                "listeners.smtp": {"listen": f"127.0.0.1:{doors['smtp']}", "next_hop": behind},
                "vault": {"release_to": release_to.get(self._release_to, self._release_to)},
            }
            self.node = enter(Lazaretto(sections | self._sections, policy=self._policy))
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._stack.__exit__(type(error) if error else None, error, None)

    def send(self, raw: bytes, *recipients: str) -> None:
        """Through the scanned port, as a stranger would."""
        with smtplib.SMTP("127.0.0.1", self.postfix.port) as client:
            deliver(client, raw, *recipients)


def deliver(client: smtplib.SMTP, raw: bytes, *recipients: str) -> None:
    """One message over an open connection, byte for byte: smtplib's own ``data`` takes a bare LF for a line end.
    Raises SMTPResponseException for whatever is refused."""
    offer(client, *recipients)
    hand_over(client, raw)


def offer(client: smtplib.SMTP, *recipients: str) -> None:
    """The envelope, up to the moment when the message itself is asked for."""
    if client.helo_resp is None and client.ehlo_resp is None:
        client.ehlo()
    code, text = client.mail("alice@sender.example", ["BODY=8BITMIME"])
    for recipient in recipients or ("bob@example.test",):
        if code == 250:
            code, text = client.rcpt(recipient)
    if code == 250:
        code, text = client.docmd("DATA")
    if code != 354:
        raise smtplib.SMTPResponseException(code, text)


def hand_over(client: smtplib.SMTP, raw: bytes) -> None:
    client.send(stuffed(raw) + b".\r\n")
    code, text = client.getreply()
    if code != 250:
        raise smtplib.SMTPResponseException(code, text)


def stuffed(raw: bytes) -> bytes:
    """With dots doubled at the start of lines (RFC 5321 section 4.5.2) and a line end at the end."""
    data = raw.replace(b"\r\n.", b"\r\n..")
    if data.startswith(b"."):
        data = b"." + data
    return data if data.endswith(b"\r\n") else data + b"\r\n"
