from __future__ import annotations

from typing import Any

from lazaretto.console.models import Item, Message, NodeEvent


def test_a_message_gives_back_its_event_whole(mails: Any, node: Any, read: Any) -> None:
    event = mails.mail("infected", subject=mails.HOSTILE)
    node.happen(event)
    read()
    assert Message.objects.get().event() == event


def test_items_that_wait_can_be_acted_on() -> None:
    assert [Item(state=state).held for state in ("held", "forwarded", "released", "deleted")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_node_event_has_a_word_whatever_its_kind() -> None:
    assert NodeEvent(kind=120).word == "Patterns loaded"
    assert NodeEvent(kind=999).word == "Event 999"
