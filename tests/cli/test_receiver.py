from __future__ import annotations

import smtplib
import socket

import pytest

from lazaretto.cli.receiver import Receiver


def test_it_keeps_what_it_gets() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Receiver("127.0.0.1", port) as receiver:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("a@b.example", ["c@d.example"], b"Subject: 1\r\n\r\n.dot\r\n..\r\n")
        assert receiver.received == [b"Subject: 1\r\n\r\n.dot\r\n..\r\n"]
    with pytest.raises(ConnectionRefusedError), smtplib.SMTP("127.0.0.1", port):
        pass


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"), Receiver("127.0.0.1", taken.getsockname()[1]):
            pass
