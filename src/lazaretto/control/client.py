"""The node as seen from the command line and the console: one method for each call of the control API."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from lazaretto.control.types import Entries, ItemRequest, Items, NodeStatus, Patterns, PolicyText, Result
from lazaretto.errors import ControlError, NotFound
from lazaretto.model import Event, Item, Preview

T = TypeVar("T")


class Client:
    """Synchronous and safe to share between threads.

    Raises ControlError when the node cannot be reached or refuses, NotFound for an unknown id.
    """

    def __init__(self, socket: Path, timeout: float = 30.0) -> None:
        self.socket, self.timeout = socket, timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is kept between calls; here so that callers need not know that."""

    # ------------------------------------------------------------------ the node

    def status(self) -> NodeStatus:
        return self._ask("GET", "status", NodeStatus)

    def policy(self) -> PolicyText:
        return self._ask("GET", "policy", PolicyText)

    def apply_policy(self, text: str, actor: str) -> PolicyText:
        """Checks and puts into force, from the next message on.  A document with problems changes nothing."""
        return self._ask("PUT", "policy", PolicyText, body={"text": text, "actor": actor})

    def patterns(self) -> Patterns:
        return self._ask("GET", "patterns", Patterns)

    def reload_patterns(self, actor: str) -> Patterns:
        """Reads all pattern folders again; when that fails the old ones stay in force."""
        return self._ask("POST", "patterns/reload", Patterns, body={"actor": actor}, timeout=3700)

    def roll_back_patterns(self, actor: str, to: str = "") -> Patterns:
        """To the set ``to`` (an id or a version), or to the one before; it stays until a reload."""
        return self._ask("POST", "patterns/rollback", Patterns, body={"actor": actor, "to": to}, timeout=3700)

    # ------------------------------------------------------------------ events

    def events(self, after: int = 0, limit: int = 500, wait: float = 0) -> Entries:
        """Events behind the cursor, oldest first; with ``wait`` answers as soon as there is one (seconds)."""
        return self._ask("GET", "events", Entries, {"after": after, "limit": limit, "wait": wait}, timeout=wait + 30)

    def messages(
        self, query: str = "", status: str = "", reply: str = "", since: str = "", until: str = "", limit: int = 100
    ) -> Entries:
        """Message events, newest first.  ``query`` is looked for in addresses, subject, file names and findings;
        ``since`` and ``until`` are RFC 3339 times."""
        given = {"query": query, "status": status, "reply": reply, "since": since, "until": until, "limit": limit}
        return self._ask("GET", "messages", Entries, given)

    def message(self, envelope_id: str) -> Event:
        """What became of one message, whole: the explanation."""
        return self._ask("GET", f"messages/{envelope_id}", Event)

    # ------------------------------------------------------------------ what is held

    def items(
        self,
        query: str = "",
        state: str = "held",
        purpose: str = "",
        sort: str = "-at",
        limit: int = 100,
        offset: int = 0,
    ) -> Items:
        """``sort`` is a column (at, sender, recipient, subject, name, size, rule, state), "-" in front for descending.
        ``state`` "" for any."""
        given = {"query": query, "state": state, "purpose": purpose, "sort": sort, "limit": limit, "offset": offset}
        return self._ask("GET", "items", Items, given)

    def item(self, item_id: str) -> Item:
        return self._ask("GET", f"items/{item_id}", Item)

    def preview(self, item_id: str) -> Preview:
        return self._ask("GET", f"items/{item_id}/preview", Preview, timeout=120)

    def export(self, item_id: str, actor: str) -> bytes:
        """The message, byte for byte as it came.  Written to the journal."""
        return self._send("POST", f"items/{item_id}/export", body={"actor": actor}, timeout=120)

    def release(self, ids: Sequence[str], actor: str, to: Sequence[str] = ()) -> list[Result]:
        return self._bulk("release", ItemRequest(tuple(ids), actor, tuple(to)))

    def forward(self, ids: Sequence[str], actor: str, to: Sequence[str]) -> list[Result]:
        return self._bulk("forward", ItemRequest(tuple(ids), actor, tuple(to)))

    def delete(self, ids: Sequence[str], actor: str) -> list[Result]:
        return self._bulk("delete", ItemRequest(tuple(ids), actor))

    # ------------------------------------------------------------------ inside

    def _bulk(self, verb: str, request: ItemRequest) -> list[Result]:
        return self._ask("POST", f"items/{verb}", list[Result], body=request, timeout=600)

    def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        query: dict[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = None,
    ) -> T:
        return msgspec.json.decode(self._send(method, path, query, body, timeout), type=kind)

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = None,
    ) -> bytes:
        given = urlencode({key: value for key, value in (query or {}).items() if value != ""})
        connection = _UnixConnection(self.socket, timeout or self.timeout)
        try:
            connection.request(
                method, f"/v1/{quote(path)}?{given}", body=None if body is None else msgspec.json.encode(body)
            )
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            what = f"no answer from the node at {self.socket}: {error or type(error).__name__}"
            raise ControlError(f"{what}; is `lazaretto up` running?") from None
        finally:
            connection.close()
        if answer.status < 300:
            return content
        try:
            detail = msgspec.json.decode(content, type=dict[str, str])["error"]
        except (msgspec.DecodeError, KeyError):  # a bug of the node: its log has the traceback
            detail = f"the node answered {answer.status} {answer.reason}; see its log"
        raise NotFound(detail) if answer.status == 404 else ControlError(detail)


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket: one connection for each call costs less than keeping one safe between threads."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("node", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
