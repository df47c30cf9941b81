from __future__ import annotations

import asyncio

import pytest

from lazaretto.workers.ticket import MAX_INTERRUPTIONS, Cause, Loss, Lost, Ticket


def ticket(rank: int = 1, number: int = 0) -> Ticket:
    return Ticket(rank, number, b"", b"", bytes, "label", asyncio.get_running_loop().create_future())


def test_order_is_rank_then_age() -> None:
    async def check() -> None:
        tickets = [ticket(2, 0), ticket(1, 5), ticket(0, 9), ticket(1, 1)]
        assert [(each.rank, each.number) for each in sorted(tickets)] == [(0, 9), (1, 1), (1, 5), (2, 0)]

    asyncio.run(check())


@pytest.mark.parametrize("cause", [Cause.CRASHED, Cause.MEMORY])
def test_one_more_try_for_a_crash(cause: Cause) -> None:
    async def check() -> None:
        work = ticket()
        assert work.lose(Loss(cause, "first"))
        assert not work.lose(Loss(cause, "second"))
        with pytest.raises(Lost, match="second"):
            await work.answer

    asyncio.run(check())


@pytest.mark.parametrize("cause", [Cause.DEADLINE, Cause.ERROR])
def test_none_for_a_deadline_or_an_error(cause: Cause) -> None:
    async def check() -> None:
        work = ticket()
        assert not work.lose(Loss(cause, "only"))
        with pytest.raises(Lost, match="only"):
            await work.answer

    asyncio.run(check())


def test_interruptions_do_not_count_as_crashes_but_end_some_time() -> None:
    async def check() -> None:
        work = ticket()
        assert work.lose(Loss(Cause.CRASHED, "crash"))
        for _ in range(MAX_INTERRUPTIONS):
            assert work.lose(Loss(Cause.INTERRUPTED, "nursery"))
        assert not work.lose(Loss(Cause.INTERRUPTED, "nursery"))
        with pytest.raises(Lost):
            await work.answer

    asyncio.run(check())


def test_what_nobody_waits_for_is_not_tried_again() -> None:
    async def check() -> None:
        work = ticket()
        work.answer.cancel()
        assert not work.lose(Loss(Cause.CRASHED, "crash"))

    asyncio.run(check())
