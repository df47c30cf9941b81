from __future__ import annotations

from pathlib import Path

import pytest
from tests.nexthop.sink import Sink
from tests.smtpd.doors import Client, Line

from lazaretto import config, plugin
from lazaretto.errors import ConfigError
from lazaretto.listeners.smtp import Smtp
from lazaretto.model import Can


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lazaretto.toml"


def test_found_by_its_section(file: Path) -> None:
    file.write_text('[listeners.smtp]\nlisten = "127.0.0.1:0"\nnext_hop = "127.0.0.1:1"\ntls_certificate = "tls.pem"\n')
    (door,) = plugin.build(config.load(file, {}), "listeners", plugin.Listener)
    assert isinstance(door, Smtp)
    assert door.settings.tls_certificate == file.parent / "tls.pem"
    assert Can.SPLIT in door.can


def test_mistakes_are_shown_where_they_are(file: Path) -> None:
    file.write_text('[listeners.smtp]\nnext_hopp = "127.0.0.1:1"\n')
    with pytest.raises(ConfigError, match=r"lazaretto.toml:2: .*\n.*did you mean 'next_hop'"):
        plugin.build(config.load(file, {}), "listeners", plugin.Listener)


async def test_a_message_through_the_plugin() -> None:
    async with Sink() as sink:
        door = Smtp(Smtp.Settings(listen="127.0.0.1:0", next_hop=sink.address, hostname="other.example"))
        assert door.address == ""
        await door.start(Line())
        peer = await Client.connect(door.address)
        assert str(await peer.hear()) == "220 other.example ESMTP"
        assert (await peer.send(b"x\r\n")).startswith("250")
        peer.writer.close()
        await door.stop(1)
    assert sink.mails[0].raw == b"x\r\n"
