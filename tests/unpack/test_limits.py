from __future__ import annotations

import pytest

from lazaretto.config import Unpack
from lazaretto.errors import LimitExceeded
from lazaretto.unpack.limits import RATIO_FROM, Budget, Meter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def limit_of(call: object, *arguments: int | str) -> str:
    with pytest.raises(LimitExceeded) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.name


def test_count_allows_exactly_as_many() -> None:
    budget = Budget(Unpack(count=2))
    budget.add()
    budget.add()
    assert limit_of(budget.add) == "count"
    assert budget.count == 2


def test_depth_counts_containers() -> None:
    budget = Budget(Unpack(depth=3))
    budget.descend(2)
    assert limit_of(budget.descend, 3) == "depth"


def test_time_is_that_of_the_clock() -> None:
    clock = Clock()
    budget = Budget(Unpack(seconds=2), clock)
    clock.now = 2.0
    budget.check_time()
    clock.now = 2.1
    assert limit_of(budget.check_time) == "seconds"
    assert limit_of(Meter(budget, 1).take, 1, 0) == "seconds"


def test_bytes_of_a_member_and_of_all() -> None:
    budget = Budget(Unpack(member_bytes=2048, total_bytes=3000))
    meter = Meter(budget, 10_000)
    meter.take(2048, 0)
    assert limit_of(meter.take, 1, 2048) == "member_bytes"
    assert limit_of(meter.take, 953, 0) == "total_bytes"
    assert len(meter.rest(bytes(2000), 0)) == 952
    assert limit_of(Meter(budget, 10_000).take, 1, 0) == "total_bytes"
    assert budget.bytes == 3000


def test_ratio_counts_from_one_mebibyte_and_per_container() -> None:
    budget = Budget(Unpack(ratio=10))
    meter = Meter(budget, 100)
    meter.take(RATIO_FROM, 0)
    assert limit_of(meter.take, 1, 0) == "ratio"
    Meter(budget, RATIO_FROM).take(RATIO_FROM * 10, 0)


def test_what_is_refused_is_not_counted() -> None:
    budget = Budget(Unpack(member_bytes=1024))
    limit_of(Meter(budget, 1).take, 1025, 0)
    assert budget.bytes == 0


def test_what_one_unpacker_takes_in_all_is_bounded_where_it_says_so() -> None:
    budget = Budget(Unpack(program_seconds=2))
    budget.opened("a", "packed", 1.5, encrypted=False)
    budget.opened("b", "zip", 90, encrypted=False)
    budget.afford("packed", "program_seconds")
    budget.opened("c", "packed", 1.5, encrypted=False)
    budget.afford("zip", "")
    assert limit_of(budget.afford, "packed", "program_seconds") == "program_seconds"
