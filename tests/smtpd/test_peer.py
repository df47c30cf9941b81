from __future__ import annotations

import pytest

from lazaretto.model import Peer
from lazaretto.smtpd.peer import Client


def test_told_attributes_replace_known_ones() -> None:
    client = Client(ip="127.0.0.1", helo="a").told({"ADDR": "IPv6:2001:DB8::1", "LOGIN": "joe", "NAME": None})
    assert client.peer("TLSv1.3") == Peer("2001:db8::1", "a", "TLSv1.3", "joe")
    assert client.xforward()["ADDR"] == "IPV6:2001:db8::1"
    assert client.told({"ADDR": None}).ip == ""
    assert client.told({}) == client


def test_an_address_must_be_one() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        Client().told({"ADDR": "example.org"})


def test_everybody_is_remote_who_is_not_said_to_be_local() -> None:
    assert Client().xforward()["SOURCE"] == "REMOTE"
    assert Client().told({"SOURCE": "LOCAL"}).xforward()["SOURCE"] == "LOCAL"
