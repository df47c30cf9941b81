from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lazaretto.errors import StorageError
from lazaretto.vault import blobs as module
from lazaretto.vault.blobs import CHUNK, HEADER, TAG, Blobs, name_of, stored_size
from lazaretto.vault.key import Keys, derive

KEY = derive(b"\x01" * 32)
OLD = derive(b"\x02" * 32)
KEYS = Keys((KEY, OLD))


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    blobs = Blobs(tmp_path / "blobs")
    blobs.open()
    return blobs


def file_of(folder: Path, name: str) -> Path:
    return folder / "blobs" / name[:2] / name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_content_comes_back(blobs: Blobs, content: bytes) -> None:
    name = name_of(content, KEY)
    assert blobs.write(name, content, KEY) == stored_size(len(content))
    assert blobs.read(name, KEYS) == content
    assert blobs.is_whole(name, stored_size(len(content)))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_sizes_around_a_chunk(blobs: Blobs, size: int, tmp_path: Path) -> None:
    content = os.urandom(size)
    name = name_of(content, KEY)
    assert blobs.write(name, content, KEY) == stored_size(size) == file_of(tmp_path, name).stat().st_size
    assert blobs.read(name, KEYS) == content


def test_neither_name_nor_file_shows_the_content(blobs: Blobs, tmp_path: Path) -> None:
    content = b"secret " * 100
    name = name_of(content, KEY)
    blobs.write(name, content, KEY)
    assert b"secret" not in file_of(tmp_path, name).read_bytes()
    assert name_of(content, OLD) != name
    assert file_of(tmp_path, name).stat().st_mode & 0o777 == 0o600


def test_an_old_key_goes_on_opening_and_an_unknown_one_is_named(blobs: Blobs) -> None:
    name = name_of(b"x", OLD)
    blobs.write(name, b"x", OLD)
    assert blobs.read(name, KEYS) == b"x"
    with pytest.raises(StorageError, match=f"needs key {OLD.id}"):
        blobs.read(name, Keys((KEY,)))


def damages(size: int) -> dict[str, slice]:
    return {
        "magic": slice(0, 1), "key id": slice(9, 10), "salt": slice(17, 18), "name": slice(40, 41),
        "content": slice(HEADER + 5, HEADER + 6), "tag": slice(size - 1, size),
    }  # fmt: skip


@pytest.mark.parametrize("where", damages(0))
def test_one_damaged_byte_is_found(blobs: Blobs, tmp_path: Path, where: str) -> None:
    content = b"x" * 100
    name = name_of(content, KEY)
    blobs.write(name, content, KEY)
    path = file_of(tmp_path, name)
    data = bytearray(path.read_bytes())
    place = damages(len(data))[where]
    data[place] = bytes(byte ^ 1 for byte in data[place])
    path.write_bytes(data)
    with pytest.raises(StorageError, match=name):
        blobs.read(name, KEYS)


def test_cut_swapped_repeated_and_appended_chunks_are_found(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK", 16)
    content = os.urandom(16 * 4)
    name = name_of(content, KEY)
    blobs.write(name, content, KEY)
    path = file_of(tmp_path, name)
    data = path.read_bytes()
    head, step = data[:HEADER], 16 + TAG
    chunks = [data[at : at + step] for at in range(HEADER, len(data), step)]
    for wrong in (
        chunks[:3], chunks[:0], chunks[1:], [chunks[1], chunks[0], *chunks[2:]], [*chunks, chunks[3]],
        [*chunks, b"x"], [*chunks[:3], chunks[3][:-1]], [chunks[0], *chunks],
    ):  # fmt: skip
        path.write_bytes(head + b"".join(wrong))
        with pytest.raises(StorageError, match="damaged"):
            blobs.read(name, KEYS)
    path.write_bytes(head + b"".join(chunks))
    assert blobs.read(name, KEYS) == content


def test_a_blob_under_the_name_of_another_is_found(blobs: Blobs, tmp_path: Path) -> None:
    one, other = name_of(b"one", KEY), name_of(b"other", KEY)
    blobs.write(one, b"one", KEY)
    file_of(tmp_path, one).rename(file_of(tmp_path, other))
    with pytest.raises(StorageError, match="damaged"):
        blobs.read(other, KEYS)
    with pytest.raises(StorageError, match="missing"):
        blobs.read(one, KEYS)


def test_what_a_crash_left_is_removed(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "blobs" / "temporary" / "half").write_bytes(b"x")
    name = name_of(b"x", KEY)
    blobs.write(name, b"x", KEY)
    assert blobs.open() == 1
    assert blobs.open() == 0
    assert blobs.read(name, KEYS) == b"x"


def test_names_by_age(blobs: Blobs, tmp_path: Path) -> None:
    assert blobs.is_empty()
    old, young = name_of(b"old", KEY), name_of(b"young", KEY)
    blobs.write(old, b"old", KEY)
    blobs.write(young, b"young", KEY)
    os.utime(file_of(tmp_path, old), (time.time() - 100,) * 2)
    (tmp_path / "blobs" / "00" / "notes.txt").write_bytes(b"")
    assert set(blobs.names()) == {old, young}
    assert list(blobs.names(50)) == [old]
    assert not blobs.is_empty()
    blobs.remove(old)
    blobs.remove(old)
    assert list(blobs.names()) == [young]
    assert not blobs.is_whole(old, stored_size(3))
    assert not blobs.is_whole(young, 1)


@pytest.mark.root
def test_a_full_disk_leaves_nothing_half(tiny_disk: Path) -> None:
    blobs = Blobs(tiny_disk / "blobs")
    blobs.open()
    content = os.urandom(4 * CHUNK)
    with pytest.raises(StorageError, match="space"):
        blobs.write(name_of(content, KEY), content, KEY)
    assert blobs.is_empty()
    assert blobs.open() == 0
    blobs.write(name_of(b"small", KEY), b"small", KEY)
    assert blobs.read(name_of(b"small", KEY), KEYS) == b"small"
