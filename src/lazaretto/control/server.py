"""The control API as HTTP on a Unix socket: routes in, ``Api`` calls out, errors as JSON ``{"error": ...}``.

Whoever may open the socket may do everything: its mode (0600 unless the operator gives it to a group) is the
access control.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lazaretto.control.types import Entries, ItemRequest, Items, NodeStatus, Patterns, PolicyText, Result
from lazaretto.endpoint import bind
from lazaretto.errors import LazarettoError, NotFound, Temporary
from lazaretto.model import Event, Item, Preview

LARGEST_PAGE = 1000
LONGEST_WAIT = 60.0  # seconds of a long poll
STOPPING = "the node is stopping"
LAST_WORDS = 5  # seconds that open requests get when the node stops


class Api(Protocol):
    """What a node must be able to answer; ``lazaretto.node`` implements it."""

    def status(self) -> Awaitable[NodeStatus]: ...
    def policy_text(self) -> PolicyText: ...
    async def apply_policy(self, text: str, actor: str) -> PolicyText: ...
    async def pattern_sets(self) -> Patterns: ...
    async def reload_patterns(self, actor: str) -> Patterns: ...
    async def roll_back_patterns(self, to: str, actor: str) -> Patterns: ...
    async def events(self, after: int, limit: int, wait: float) -> Entries: ...
    async def messages(self, query: MessageQuery) -> Entries: ...
    async def message(self, envelope_id: str) -> Event: ...
    async def items(self, query: ItemQuery) -> Items: ...
    async def item(self, item_id: str) -> Item: ...
    async def preview(self, item_id: str) -> Preview: ...
    async def export(self, item_id: str, actor: str) -> bytes: ...
    async def release(self, request: ItemRequest) -> Sequence[Result]: ...
    async def forward(self, request: ItemRequest) -> Sequence[Result]: ...
    async def delete(self, request: ItemRequest) -> Sequence[Result]: ...


@dataclass(frozen=True, slots=True)
class MessageQuery:
    query: str = ""
    status: str = ""
    reply: str = ""
    since: str = ""
    until: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ItemQuery:
    query: str = ""
    state: str = ""
    purpose: str = ""
    sort: str = "-at"
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Paging:
    after: int = 0
    limit: int = 500
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Actor:
    actor: str


@dataclass(frozen=True, slots=True)
class RollBack:
    actor: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class NewPolicy:
    text: str
    actor: str


T = TypeVar("T")


class Polls:
    """Those who wait for something to happen, until ``end`` tells them that the node is stopping."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[Any]] = set()
        self._over = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """The running task waits meanwhile.  Raises Temporary when the node is stopping."""
        task = asyncio.current_task()
        if self._over or task is None:
            raise Temporary(STOPPING)
        self._waiting.add(task)
        try:
            yield
        except asyncio.CancelledError:
            raise Temporary(STOPPING) from None
        finally:
            self._waiting.discard(task)

    def end(self) -> None:
        self._over = True
        for task in list(self._waiting):
            task.cancel()


def app(api: Api, polls: Polls) -> Starlette:
    """The routes; each handler is one call of ``api``."""

    async def events(request: Request) -> Response:
        page = _query(request, Paging)
        with polls.one():
            return _json(await api.events(page.after, min(page.limit, LARGEST_PAGE), min(page.wait, LONGEST_WAIT)))

    async def status(_: Request) -> Response:
        return _json(await api.status())

    async def policy(request: Request) -> Response:
        if request.method == "GET":
            return _json(api.policy_text())
        new = await _body(request, NewPolicy)
        return _json(await api.apply_policy(new.text, new.actor))

    async def patterns(request: Request) -> Response:
        if request.method == "GET":
            return _json(await api.pattern_sets())
        return _json(await api.reload_patterns((await _body(request, Actor)).actor))

    async def roll_back(request: Request) -> Response:
        wanted = await _body(request, RollBack)
        return _json(await api.roll_back_patterns(wanted.to, wanted.actor))

    async def messages(request: Request) -> Response:
        return _json(await api.messages(_query(request, MessageQuery)))

    async def message(request: Request) -> Response:
        return _json(await api.message(request.path_params["id"]))

    async def items(request: Request) -> Response:
        return _json(await api.items(_query(request, ItemQuery)))

    async def item(request: Request) -> Response:
        return _json(await api.item(request.path_params["id"]))

    async def preview(request: Request) -> Response:
        return _json(await api.preview(request.path_params["id"]))

    async def export(request: Request) -> Response:
        raw = await api.export(request.path_params["id"], (await _body(request, Actor)).actor)
        return Response(raw, media_type="application/octet-stream")

    def bulk(call: Callable[[ItemRequest], Awaitable[Sequence[Result]]]) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            return _json(await call(await _body(request, ItemRequest)))

        return handle

    routes = [
        Route("/v1/status", status),
        Route("/v1/events", events),
        Route("/v1/messages", messages),
        Route("/v1/messages/{id}", message),
        Route("/v1/policy", policy, methods=["GET", "PUT"]),
        Route("/v1/patterns", patterns),
        Route("/v1/patterns/reload", patterns, methods=["POST"]),
        Route("/v1/patterns/rollback", roll_back, methods=["POST"]),
        Route("/v1/items", items),
        Route("/v1/items/release", bulk(api.release), methods=["POST"]),
        Route("/v1/items/forward", bulk(api.forward), methods=["POST"]),
        Route("/v1/items/delete", bulk(api.delete), methods=["POST"]),
        Route("/v1/items/{id}", item),
        Route("/v1/items/{id}/preview", preview),
        Route("/v1/items/{id}/export", export, methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        exception_handlers={LazarettoError: _refusal, msgspec.DecodeError: _refusal, msgspec.ValidationError: _refusal},
    )


async def _refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, NotFound):
        status = 404
    elif isinstance(error, Temporary):
        status = 503
    else:
        status = 400
    return _json({"error": str(error)}, status)


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _query(request: Request, kind: type[T]) -> T:
    """The query string as a dataclass; numbers come as text, hence not strict."""
    return msgspec.convert(dict(request.query_params), kind, strict=False)


async def _body(request: Request, kind: type[T]) -> T:
    return msgspec.json.decode(await request.body(), type=kind)


# ---------------------------------------------------------------------------- serving


class _Quiet(uvicorn.Server):
    """A uvicorn that leaves signals to the node."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class ControlServer:
    """Serves ``api`` on a Unix socket until stopped."""

    def __init__(self, api: Api, path: Path) -> None:
        self.path = path
        self._polls = Polls()
        config = uvicorn.Config(
            app(api, self._polls),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            timeout_graceful_shutdown=LAST_WORDS,
        )
        config.load()
        self._server = _Quiet(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From its return on the socket takes connections.  Raises ConfigError when it cannot be made."""
        self._bound = bind(f"unix:{self.path}", "control", mode=0o600)
        self._bound.socket.listen()
        self._task = asyncio.create_task(self._server.serve(sockets=[self._bound.socket]))

    async def stop(self) -> None:
        self._server.should_exit = True
        if self._task:
            self._polls.end()  # a long poll must not keep the node
            await self._task
            self._bound.release()
