from __future__ import annotations

from lazaretto.remote.breaker import FIRST_PAUSE, LONGEST_PAUSE, Breaker


def test_open_after_a_failure_for_longer_and_longer() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    assert breaker.allows()
    pauses = []
    for _ in range(10):
        for _ in range(8):  # as many were under way
            breaker.failed("dead")
        assert not breaker.closed
        assert not breaker.allows()
        began = now
        while not breaker.due:
            now += FIRST_PAUSE
        pauses.append(now - began)
        assert breaker.allows()
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == LONGEST_PAUSE
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.why == ""


def test_one_caller_is_let_through_on_trial() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    breaker.failed("dead")
    now = FIRST_PAUSE
    assert breaker.allows()
    assert not breaker.allows()
    now += FIRST_PAUSE  # whoever tried was cancelled
    assert breaker.allows()
