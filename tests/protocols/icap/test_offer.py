from __future__ import annotations

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.head import Head
from lazaretto.protocols.icap.offer import LONGEST_TTL, MOST_PREVIEW, read
from lazaretto.protocols.icap.reply import Reply


def answer(status: int = 200, **fields: str) -> Reply:
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Reply(status, Head(f"ICAP/1.0 {status} X", named))


def test_what_c_icap_says() -> None:
    found = read(
        answer(
            Methods="RESPMOD, REQMOD", Service="C-ICAP/0.5.10 server", ISTag='"CI0001-X"', Preview="1024", Allow="204",
            Options_TTL="60", Max_Connections="5",
        )
    )  # fmt: skip
    assert (found.methods, found.preview, found.allow_204) == (frozenset({"RESPMOD", "REQMOD"}), 1024, True)
    assert (found.istag, found.ttl, found.max_connections) == ("CI0001-X", 60, 5)


def test_what_is_not_said_and_what_is_too_much() -> None:
    plain = read(answer(Methods="RESPMOD"))
    assert (plain.preview, plain.allow_204, plain.max_connections, plain.ttl) == (None, False, None, LONGEST_TTL)
    large = read(answer(Methods="RESPMOD", Preview="999999999", Options_TTL="999999999", Max_Connections="0"))
    assert (large.preview, large.ttl, large.max_connections) == (MOST_PREVIEW, LONGEST_TTL, 1)


@pytest.mark.parametrize(
    "reply", [answer(404), answer(), answer(Methods="OPTIONS"), answer(Methods="RESPMOD", Preview="many")]
)
def test_what_cannot_be_used(reply: Reply) -> None:
    with pytest.raises(ProtocolError):
        read(reply)
