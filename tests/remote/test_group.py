from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from lazaretto.remote.group import MOST_TRIES, Group, Refused, Server, ServerError, Unanswered


class Fake(Server):
    def __init__(self, address: str, connections: int = 2) -> None:
        super().__init__(address, connections)
        self.error: Exception | None = None
        self.ill = False
        self.most = 0

    async def check(self) -> str:
        if self.ill:
            raise ServerError("ill")
        return "version 1"

    async def close(self) -> None:
        pass

    async def work(self) -> str:
        self.most = max(self.most, self.busy)
        await asyncio.sleep(0.01)
        if self.error:
            raise self.error
        return self.address


def run(work: Callable[[Group, list[Fake]], Awaitable[None]], count: int = 3) -> None:
    async def main() -> None:
        servers = [Fake(str(number)) for number in range(count)]
        await work(Group("test", servers), servers)

    asyncio.run(main())


def test_the_least_busy_is_asked_and_none_more_than_it_bears() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        said = await asyncio.gather(*(group.ask(Fake.work) for _ in range(30)))
        assert {said.count(each.address) for each in servers} == {10}
        assert [each.most for each in servers] == [2, 2, 2]
        assert [each.busy for each in servers] == [0, 0, 0]

    run(work)


def test_a_dead_one_is_left_alone() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        servers[0].error, servers[0].ill = ServerError("refused", fresh=True), True
        for _ in range(10):
            assert await group.ask(Fake.work) != "0"
        assert servers[0].failures == 1
        assert [each.up for each in group.status()] == [False, True, True]

    run(work)


def test_one_hostile_artifact_takes_out_nobody_who_is_well() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        for each in servers:
            each.error = ServerError("took more than 30 seconds")
        with pytest.raises(Unanswered, match="took more"):
            await group.ask(Fake.work)
        assert sum(each.failures for each in servers) == MOST_TRIES
        assert all(each.up for each in group.status())

    run(work)


def test_what_kills_servers_does_not_go_round() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        for each in servers:
            each.error, each.ill = ServerError("hung up"), True
        with pytest.raises(Unanswered):
            await group.ask(Fake.work)
        assert [each.up for each in group.status()].count(True) == len(servers) - MOST_TRIES

    run(work)


def test_a_refusal_is_passed_on_to_the_next() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        servers[0].error = Refused("no memory")
        assert await group.ask(Fake.work) == "1"
        assert group.status()[0].up

    run(work)


def test_without_anybody_it_says_so_at_once_and_learns_when_one_is_back() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        servers[0].error, servers[0].ill = ServerError("refused", fresh=True), True
        for why in ("0: refused", "no server answers: 0: refused"):
            with pytest.raises(Unanswered, match=f"^{why}"):
                await group.ask(Fake.work)
        await group.start()
        servers[0].error, servers[0].ill = None, False
        async with asyncio.timeout(10):
            while not group.status()[0].up:
                await asyncio.sleep(0.05)
        assert await group.ask(Fake.work) == "0"
        assert group.status()[0].version == "version 1"
        await group.stop()

    run(work, 1)


def test_who_gives_up_leaves_his_place() -> None:
    async def work(group: Group, servers: list[Fake]) -> None:
        tasks = [asyncio.create_task(group.ask(Fake.work)) for _ in range(10)]
        await asyncio.sleep(0.005)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert servers[0].busy == 0
        assert await group.ask(Fake.work) == "0"

    run(work, 1)
