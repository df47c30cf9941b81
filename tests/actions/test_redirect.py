from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lazaretto.actions.redirect import Redirect
from lazaretto.model import Address, Can, Reply, Step

STEP = Step("redirect", {"to": "boss@x.example, second@x.example"})


def test_somebody_else_gets_it(bench: Any) -> None:
    action = bench.make(Redirect)
    assert (action.reply, action.needs) == (Reply.ACCEPT, Can.DELETE)
    assert action.reroute(STEP, (Address("a@x.example"),)) == (Address("boss@x.example"), Address("second@x.example"))
    (outcome,) = asyncio.run(bench.carry_out(action, STEP))
    assert outcome.note == "to boss@x.example, second@x.example"
    assert action.describe(STEP) == "the message goes to boss@x.example, second@x.example instead"


@pytest.mark.parametrize("to", ["boss@x.example", "a+b@x.example,c@[127.0.0.1]", "jörg@münchen.example"])
def test_addresses(bench: Any, to: str) -> None:
    assert list(bench.make(Redirect).check({"to": to})) == []


@pytest.mark.parametrize("to", ["", "boss", "a@b c@d", "a@b\r\nRCPT TO:<x@y>", "<a@b.example>", "a@b.example,"])
def test_what_is_no_address(bench: Any, to: str) -> None:
    assert list(bench.make(Redirect).check({"to": to}))
