"""What a node and its console have written down, read back whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.e2e.servers.lazaretto import Lazaretto
from tests.e2e.servers.running import wait_until

from lazaretto.model import Event, EventKind

MESSAGES = range(EventKind.MESSAGE_PASSED, EventKind.ITEM_RELEASED)


def journal(lazaretto: Lazaretto) -> list[Event]:
    """Every event, in order; each id once."""
    found: list[Event] = []
    cursor = 0
    while (page := lazaretto.client.events(after=cursor)).entries:
        found += [entry.event for entry in page.entries]
        cursor = page.cursor
    assert len({event.id for event in found}) == len(found)
    return found


def messages(lazaretto: Lazaretto) -> list[Event]:
    """The events about messages."""
    return [event for event in journal(lazaretto) if event.kind in MESSAGES]


def console_messages(lazaretto: Lazaretto) -> list[str]:
    """The ids of message events that the console knows, as often as it has them."""
    file = lazaretto.folder / "var" / "console" / "console.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("SELECT event_id FROM console_message")]


def wait_for_console(lazaretto: Lazaretto, seconds: float = 30) -> None:
    """Until the console has every message event of the journal, each once."""
    expected = sorted(event.id for event in messages(lazaretto))
    wait_until(lambda: sorted(console_messages(lazaretto)) == expected, "the console's reading of the journal", seconds)


def assert_sound(lazaretto: Lazaretto) -> None:
    """The databases of a node that has ended."""
    files = list((lazaretto.folder / "var").rglob("*.sqlite3"))
    assert len(files) >= 3  # journal, vault, console
    for file in files:
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], file
