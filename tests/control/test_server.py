"""The routes: what travels, what is refused.  The node's own answers are tested in tests/test_api.py."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from lazaretto.control.client import Client
from lazaretto.control.server import LAST_WORDS, Api, ControlServer, MessageQuery
from lazaretto.control.types import Entries, ItemRequest, Items, Patterns, PatternSet, PolicyText, Result
from lazaretto.errors import ConfigError, ControlError, NotFound, StorageError
from lazaretto.model import Event, EventKind, new_id, now

T = TypeVar("T")


class Recorder:
    """An Api that answers little and remembers how it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def policy_text(self) -> PolicyText:
        return PolicyText("text", "1", "")

    async def apply_policy(self, text: str, actor: str) -> PolicyText:
        self.asked.append((text, actor))
        return PolicyText(text, "2", "file")

    async def reload_patterns(self, actor: str) -> Patterns:
        raise StorageError("the disk is full")

    async def roll_back_patterns(self, to: str, actor: str) -> Patterns:
        self.asked.append((to, actor))
        return Patterns("1", None, (), (PatternSet("a", "1", now(), None, None, ("/x",), 1, 2),), pinned=True)

    async def events(self, after: int, limit: int, wait: float) -> Entries:
        self.asked.append((after, limit, wait))
        if wait == 60:
            await asyncio.Event().wait()
        return Entries((), after)

    async def messages(self, query: MessageQuery) -> Entries:
        self.asked.append(query)
        return Entries((), 0)

    async def message(self, envelope_id: str) -> Event:
        if envelope_id == "unknown":
            raise NotFound("no message unknown")
        return Event(envelope_id, now(), "node", EventKind.MESSAGE_PASSED)

    async def items(self, query: Any) -> Items:
        self.asked.append(query)
        return Items((), 0)

    async def export(self, item_id: str, actor: str) -> bytes:
        return bytes(range(256))

    async def release(self, request: ItemRequest) -> list[Result]:
        self.asked.append(request)
        return [Result(each, True) for each in request.ids]

    forward = delete = release


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Recorder]:
    recorder = Recorder()
    server = ControlServer(cast(Api, recorder), tmp_path / "control.sock")
    await server.start()
    try:
        yield recorder
    finally:
        await server.stop()
        assert not (tmp_path / "control.sock").exists()


@pytest.fixture
def ask(api: Recorder, tmp_path: Path) -> Callable[[Callable[[Client], T]], Any]:
    def call(question: Callable[[Client], T]) -> T:
        with Client(tmp_path / "control.sock") as client:
            return question(client)

    async def asked(question: Callable[[Client], T]) -> T:
        return await asyncio.to_thread(call, question)

    return asked


async def test_what_is_asked_arrives_with_its_types(api: Recorder, ask: Any) -> None:
    await ask(lambda client: client.events(after=7, limit=5000, wait=0.5))
    await ask(lambda client: client.messages("a b&c", status="infected", limit=3))
    await ask(lambda client: client.release(["1", "2"], "me", ["a@b.example"]))
    assert api.asked == [
        (7, 1000, 0.5),
        MessageQuery("a b&c", "infected", limit=3),
        ItemRequest(("1", "2"), "me", ("a@b.example",)),
    ]


async def test_what_is_answered_arrives_whole(ask: Any) -> None:
    assert await ask(lambda client: client.export("1", "me")) == bytes(range(256))
    identifier = new_id()
    assert (await ask(lambda client: client.message(identifier))).id == identifier
    assert await ask(lambda client: client.apply_policy("new", "me")) == PolicyText("new", "2", "file")
    assert (await ask(lambda client: client.roll_back_patterns("me", "a"))).sets[0].folders == ("/x",)
    assert await ask(lambda client: client.policy()) == PolicyText("text", "1", "")


async def test_what_goes_wrong_says_what(ask: Any) -> None:
    with pytest.raises(NotFound, match="no message unknown"):
        await ask(lambda client: client.message("unknown"))
    with pytest.raises(ControlError, match="the disk is full"):
        await ask(lambda client: client.reload_patterns("me"))
    with pytest.raises(ControlError, match="limit"):
        await ask(lambda client: client.messages(limit="many"))


async def test_a_body_that_is_no_json_is_refused_not_a_bug(api: Recorder, tmp_path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "control.sock"))
    writer.write(b'PUT /v1/policy HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\n{"a')
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_only_the_owner_may_open_the_socket(api: Recorder, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "control.sock").stat().st_mode) == 0o600


async def test_a_second_node_is_refused(api: Recorder, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="in use"):
        await ControlServer(cast(Api, api), tmp_path / "control.sock").start()


async def test_who_waits_for_events_is_told_that_the_node_stops(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api = Recorder()
    server = ControlServer(cast(Api, api), tmp_path / "control.sock")
    await server.start()
    told: list[str] = []

    def follow() -> None:
        """Asks again at once, until nobody is there."""
        with Client(tmp_path / "control.sock") as client:
            while not told or "no answer" not in told[-1]:
                try:
                    client.events(wait=60)
                except ControlError as error:
                    told.append(str(error))

    following = asyncio.create_task(asyncio.to_thread(follow))
    while not api.asked:
        await asyncio.sleep(0.01)
    async with asyncio.timeout(LAST_WORDS - 1):
        await server.stop()
        await following
    assert told[0] == "the node is stopping"
    assert not caplog.records


def test_a_node_that_is_down_is_named(tmp_path: Path) -> None:
    with (
        Client(tmp_path / "none.sock") as client,
        pytest.raises(ControlError, match=r"no answer from the node at .*is `lazaretto up` running"),
    ):
        client.status()
