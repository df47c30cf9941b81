from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lazaretto.errors import ConfigError, StorageError
from lazaretto.vault import key

NONE: frozenset[str] = frozenset()


def test_the_first_start_makes_a_key_that_nobody_else_may_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "vault.key"
    made = key.open_keys(path, NONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.open_keys(path, frozenset({made.newest.id})) == made
    assert [file.name for file in path.parent.iterdir()] == ["vault.key"]


def test_a_missing_key_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    with pytest.raises(StorageError, match=r"vault\.key is missing.*0123456789abcdef.*restore"):
        key.open_keys(path, frozenset({"0123456789abcdef"}))
    assert not path.exists()


def test_the_wrong_key_is_recognised(tmp_path: Path) -> None:
    right, wrong = key.open_keys(tmp_path / "a", NONE), key.open_keys(tmp_path / "b", NONE)
    before = (tmp_path / "b").read_bytes()
    with pytest.raises(
        StorageError, match=f"holds key {wrong.newest.id}.*encrypted with key {right.newest.id}.*restore"
    ):
        key.open_keys(tmp_path / "b", frozenset({right.newest.id}))
    assert (tmp_path / "b").read_bytes() == before


def test_a_new_key_stands_first_and_the_old_one_goes_on_opening(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    old = key.open_keys(path, NONE).newest
    keys = key.add(path)
    assert keys.newest != old
    assert keys.get(old.id) == old
    assert keys.get("unknown") is None
    assert key.load(path) == keys
    assert key.keep_only(path, frozenset({keys.newest.id})).all == (keys.newest,)
    assert key.load(path).all == (keys.newest,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_text(f"# ours\n\n{'AB' * 32}  # since May\n{'ab' * 32}\n{'01' * 32}\n")
    path.chmod(0o640)
    assert key.load(path).all == (key.derive(b"\xab" * 32), key.derive(b"\x01" * 32))


def test_every_mistake_in_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_text(f"{'ab' * 32}\n{'ab' * 31}\nhello\n")
    path.chmod(0o604)
    with pytest.raises(ConfigError) as caught:
        key.load(path)
    assert [problem.line for problem in caught.value.problems] == [None, 2, 3]
    assert "chmod 600" in str(caught.value)
    assert "hello" not in str(caught.value)  # it may have been most of a key


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe"])
def test_a_file_without_a_key(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError):
        key.open_keys(path, NONE)
    assert path.read_bytes() == content


def test_a_key_does_not_show_itself() -> None:
    made = key.derive(b"\x07" * 32)
    assert made.blob.hex() not in repr(made)
    assert repr(made.blob) not in repr(made)
    assert len({made.blob, made.name, made.stamp}) == 3


def test_the_derivation_is_part_of_the_format() -> None:
    made = key.derive(bytes(range(32)))
    assert (made.id, made.blob.hex()[:16], made.name.hex()[:16], made.stamp.hex()[:16]) == KNOWN


KNOWN = ("ed71ed5a16ec6f59", "3341fb796113c6e7", "953d28c3b5dcc05c", "f19d416a25bfe8e5")
