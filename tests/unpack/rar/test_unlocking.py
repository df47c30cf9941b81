from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unpack import rarmake as make

from lazaretto import config
from lazaretto.errors import Encrypted
from lazaretto.unpack import libarchive
from lazaretto.unpack.passwords import Words
from lazaretto.unpack.rar import rar4, rar5, unlocking
from lazaretto.unpack.rar.chains import Chain
from lazaretto.unpack.rar.data import Tools

TOOLS = Tools(libarchive.load(), None)


def ring(*words: str) -> unlocking.Keyring:
    return unlocking.Keyring(Words(config.Unpack(passwords=words)))


@pytest.mark.parametrize(
    ("walk", "data"),
    [
        (rar5.walk, make.rar5(make.file5("a", b"content", word="w"))),
        (rar4.walk, make.rar4(make.file4(b"a", b"content", word="w"))),
        (rar4.walk, make.rar4(make.file4(b"a", b"content", data=make.packed4(b"content"), method=3, word="w"))),
    ],
)
def test_the_word_is_found_and_told_once(walk: Callable[..., rar5.Archive], data: bytes) -> None:
    items = walk(data, 0).items
    keyring = ring("no", "w")
    for _ in range(2):
        opened = keyring.open(data, TOOLS, Chain(items))
        assert opened is not None
        assert set(opened) == {items[0].lock}
    assert len(list(keyring.findings())) == 1
    assert list(keyring.findings()) == []
    assert ring("no").open(data, TOOLS, Chain(items)) is None
    assert unlocking.Keyring(None).open(data, TOOLS, Chain(items)) is None


def test_making_keys_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlocking, "_COST", 40)
    data = make.rar5(make.file5("a", b"content", word="w"))
    keyring = ring(*"abcdefgh")
    keyring._cost = 30
    data = make.rar5(make.file5("a", b"content", word="w", check=False))
    with pytest.raises(Encrypted):
        keyring.open(data, TOOLS, Chain(rar5.walk(data, 0).items))
