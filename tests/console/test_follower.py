from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lazaretto.config import Config
from lazaretto.console import ingest
from lazaretto.console.follower import Follower, only_one
from lazaretto.console.models import Counter, Cursor, Item, Message
from lazaretto.errors import ControlError


def eventually(true: Any, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_one_console_for_each_database(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(ControlError, match="another console is running"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_the_thread_reads_waits_and_ends(mails: Any, node: Any, config: Config) -> None:
    node.happen(*(mails.mail() for _ in range(3)))
    follower = Follower(config)
    follower.start()
    eventually(lambda: Message.objects.count() == 3)
    node.happen(mails.mail("infected"))
    eventually(lambda: Item.objects.count() == 1, seconds=5)
    follower.stop()
    node.happen(mails.mail())  # ends the open question
    follower.join(10)
    assert not follower.is_alive()


@pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning"
)  # httpcore leaves a refused Unix socket to the GC
def test_a_node_that_is_down_is_waited_for(mails: Any, node: Any, config: Config) -> None:
    node.happen(mails.mail())
    node.stop()
    follower = Follower(config)
    follower.start()
    eventually(lambda: "is `lazaretto up` running" in (Cursor.objects.first() or Cursor()).trouble)
    node.start()
    eventually(lambda: Message.objects.count() == 1)
    assert Cursor.objects.get().trouble == ""
    follower.stop()
    node.happen(mails.mail())
    follower.join(10)


def test_a_journal_that_begins_again_is_read_again(mails: Any, node: Any, read: Any) -> None:
    node.happen(*(mails.mail() for _ in range(5)))
    read()
    del node.journal[:3]
    node.happen(new := mails.mail())
    read()
    assert Message.objects.count() == 6
    assert Message.objects.filter(event_id=new.id).exists()
    assert ingest.cursor() == 3


def test_an_item_unknown_to_the_vault_comes_from_its_event(mails: Any, node: Any, read: Any) -> None:
    node.happen(event := mails.mail("infected"))
    node.items.clear()
    read()
    assert Item.objects.get().item_id == event.outcomes[0].item


READER = """
import sys
from pathlib import Path
from lazaretto.config import Config
from lazaretto.console.settings import configure
configure(config := Config(data_dir=Path(sys.argv[1])))
from lazaretto.console.follower import Follower
follower = Follower(config)
follower.start()
print("reading", flush=True)
follower.join()
"""


def test_every_event_is_there_once_whatever_is_killed(mails: Any, node: Any, config: Config) -> None:
    """SIGKILL, again and again, while events come in."""
    count = 0
    for lap in range(4):
        reader = subprocess.Popen([sys.executable, "-c", READER, str(config.data_dir)], stdout=subprocess.PIPE)
        assert reader.stdout
        reader.stdout.readline()
        for _ in range(12):
            node.happen(*(mails.mail(sort) for sort in ("clean", "infected", "spam")))
            count += 3
            time.sleep(0.01 + lap * 0.01)
        reader.send_signal(signal.SIGKILL)
        reader.wait()
        reader.stdout.close()
    follower = Follower(config)
    while follower.step(wait=0):
        pass
    follower.close()
    ids = list(Message.objects.order_by("pk").values_list("event_id", flat=True))
    assert ids == [event.id for event in node.journal]
    assert len(ids) == count
    counted = Counter.objects.filter(family="category", width=3600).values_list("value", flat=True)
    assert sum(counted) == count
    assert Item.objects.count() == count * 2 // 3
