from __future__ import annotations

from pathlib import Path

from tests.nexthop.sink import Sink
from tests.smtpd.doors import Client, Line

from lazaretto.listeners.lmtp import Lmtp


async def test_a_message_to_a_store_on_a_unix_socket(tmp_path: Path) -> None:
    async with Sink(lmtp=True, path=str(tmp_path / "store")) as sink:
        door = Lmtp(Lmtp.Settings(listen="127.0.0.1:0", next_hop=sink.address))
        assert door.address == ""
        await door.start(Line())
        peer = await Client.connect(door.address)
        assert str(await peer.hear()) == "220 door.example LMTP"
        assert (await peer.ask("LHLO x")).startswith("250")
        await peer.ask("MAIL FROM:<a@b>", "RCPT TO:<c@d>", "RCPT TO:<e@d>")
        await peer.ask("DATA")
        assert (await peer.ask(b"x\r\n.")).startswith("250")
        assert str(await peer.hear()).startswith("250")
        peer.writer.close()
        await door.stop(1)
    assert sink.mails[0].raw == b"x\r\n"
    assert sink.said("LHLO")


async def test_a_store_that_speaks_smtp() -> None:
    async with Sink() as sink:
        door = Lmtp(Lmtp.Settings(listen="127.0.0.1:0", next_hop=sink.address, next_hop_protocol="smtp"))
        await door.start(Line())
        peer = await Client.connect(door.address)
        await peer.hear()
        assert (await peer.ask("LHLO x")).startswith("250")
        peer.writer.close()
        await door.stop(1)
    assert sink.said("EHLO")
