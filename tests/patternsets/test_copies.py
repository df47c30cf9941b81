from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lazaretto.engines.patterns import library
from lazaretto.errors import ConfigError, StorageError
from lazaretto.patternsets import copies
from lazaretto.patternsets.copies import Copies, State


def clock() -> Iterator[datetime]:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while True:
        yield moment
        moment += timedelta(seconds=1)


@pytest.fixture
def kept(tmp_path: Path) -> Copies:
    times = clock()
    return Copies(tmp_path / "var/patterns", lambda: next(times))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.yar").write_text("one")
    (folder / "sub/b.yar").write_text("two")
    return folder


def test_a_set_is_a_copy_of_its_folders(kept: Copies, folder: Path) -> None:
    os.utime(folder / "a.yar", (0, 1_900_000_000))
    made = kept.take([folder])
    (copy,) = kept.folders(made.id)
    assert (copy / "a.yar").read_text() == "one"
    assert (copy / "sub/b.yar").read_text() == "two"
    assert (copy / ".origin").read_text() == str(folder)
    assert (made.files, made.bytes, made.folders) == (2, 6, (str(folder),))
    assert made.newest == datetime.fromtimestamp(1_900_000_000, UTC)
    (folder / "a.yar").write_text("other")
    assert (copy / "a.yar").read_text() == "one"


def test_its_name_is_that_of_its_content(kept: Copies, folder: Path) -> None:
    first = kept.take([folder])
    assert kept.take([folder]).id == first.id
    (folder / "a.yar").write_text("other")
    second = kept.take([folder])
    assert second.id != first.id
    assert [each.id for each in kept.sets()] == [second.id, first.id]
    (folder / "a.yar").write_text("one")
    assert kept.take([folder]).id == first.id
    assert [each.id for each in kept.sets()] == [first.id, second.id]  # it is the newest again


def test_what_has_not_changed_is_on_the_disk_once(kept: Copies, folder: Path) -> None:
    first = kept.take([folder])
    kept.put(State(first.id))
    (folder / "a.yar").write_text("other")
    second = kept.take([folder])
    same = [kept.folders(each.id)[0] / "sub/b.yar" for each in (first, second)]
    assert same[0].samefile(same[1])
    (folder / "sub/b.yar").write_text("changed in its place")
    assert same[0].read_text() == "two"


def test_what_has_served_is_remembered(kept: Copies, folder: Path) -> None:
    made = kept.take([folder])
    assert (made.version, made.loaded_at) == ("", None)
    kept.loaded(made.id, "patterns-1")
    kept.put(State(made.id, pinned=True))
    assert kept.state() == State(made.id, pinned=True)
    (again,) = kept.sets()
    assert again.version == "patterns-1"
    assert again.loaded_at is not None
    assert kept.take([folder]).version == "patterns-1"


def test_old_ones_go_and_the_one_in_force_stays(kept: Copies, folder: Path) -> None:
    made = []
    for number in range(copies.KEPT + 3):
        (folder / "a.yar").write_text(str(number))
        made.append(kept.take([folder]).id)
        kept.loaded(made[-1], "version")
    for number in range(copies.KEPT):  # of a node that was killed while it loaded
        (folder / "a.yar").write_text(f"never served {number}")
        kept.take([folder])
    kept.prune(made[0])
    assert [each.id for each in kept.sets()] == [*reversed(made[-copies.KEPT :]), made[0]]
    kept.drop(made[0])
    assert kept.get(made[0]) is None


def test_no_patterns_are_no_part_of_it(kept: Copies, folder: Path) -> None:
    before = kept.take([folder]).id
    (folder / ".git").mkdir()
    (folder / ".git/index").write_text("x")
    (folder / "loop").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    os.mkfifo(folder / "pipe")
    assert kept.take([folder]).id == before


def test_what_cannot_be_read_is_the_operators_mistake(
    kept: Copies, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="gone: is no folder of patterns"):
        kept.take([folder, folder / "gone"])
    opened = Path.open

    def refuse(
        self: Path, *arguments: object, **options: object
    ) -> object:  # root reads everything, so the refusal has to be made
        if self == folder / "a.yar":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **options)  # type: ignore[call-overload]  # as it was called

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError, match=r"a\.yar: cannot be read: Permission denied"):
        kept.take([folder])
    assert kept.sets() == []


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """Root can look into everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_folders_that_cannot_be_looked_into_are_told(mode: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "locked/rules")
        folder.mkdir(parents=True)
        (folder / "a.yar").touch()
        Path(place).chmod(0o755)
        (folder if mode == 0o644 else folder.parent).chmod(mode)
        with nobody(), pytest.raises(ConfigError, match=f"{folder}.*: cannot be read: Permission denied\n    make it"):
            Copies(Path(place, "var")).take([folder])
        with nobody(), pytest.raises(ConfigError, match=f"{folder}.*: cannot be read: Permission denied\n    make it"):
            library.load([folder])
        folder.parent.chmod(0o755)


def test_more_than_a_set_may_hold_is_not_copied(kept: Copies, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_BYTES", 5)
    with pytest.raises(ConfigError, match="name only folders of patterns"):
        kept.take([folder])


def test_a_damaged_note_is_as_none(kept: Copies, folder: Path, tmp_path: Path) -> None:
    made = kept.take([folder])
    kept.put(State(made.id))
    (tmp_path / "var/patterns/state.json").write_text("{")
    (tmp_path / "var/patterns" / made.id / "set.json").write_text("[]")
    assert (kept.state(), kept.sets(), kept.folders(made.id)) == (State(), [], [])
    assert kept.take([folder]).id == made.id
    assert len(kept.sets()) == 1


def test_a_place_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be kept in"):
        Copies(tmp_path / "file/patterns").put(State("x"))
    with pytest.raises(StorageError, match="has vanished"):
        Copies(tmp_path / "none").loaded("x", "1")
