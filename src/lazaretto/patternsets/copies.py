"""Copies of the pattern folders, one for each set that was ever tried, named by their content.

A node works with copies: what somebody changes in a folder has no effect before it is loaded, workers that have to
be started again get the very set that served before, and the set before that is there to go back to::

    data_dir/patterns/<id>/set.json     what it is
    data_dir/patterns/<id>/0/...        the first folder, 1/... the second
    data_dir/patterns/state.json        which one is in force

Files that a set shares with the one before it are links to the same bytes on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from lazaretto.control.types import PatternSet
from lazaretto.errors import ConfigError, Problem, StorageError

ORIGIN = ".origin"  # in each copied folder: where the operator has it
KEPT = 3  # sets beside the one in force
MOST_FILES = 200_000
MOST_BYTES = 8 << 30
_TOLD = "set.json"
_STATE = "state.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class State:
    current: str = ""  # id
    pinned: bool = False  # rolled back: stays, also when the node starts anew, until somebody loads again


T = TypeVar("T", PatternSet, State)


class Copies:
    """Synchronous; one thread at a time.  Raises StorageError where data_dir cannot be read or written."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder, self._now = folder, now

    # ------------------------------------------------------------------ what there is

    def state(self) -> State:
        return _read(self._folder / _STATE, State) or State()

    def put(self, state: State) -> None:
        with _storage(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._folder / _STATE, state)

    def sets(self) -> list[PatternSet]:
        """The newest first."""
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        found = [known for name in names if (known := self.get(name))]
        return sorted(found, key=lambda each: each.made_at, reverse=True)

    def get(self, name: str) -> PatternSet | None:
        return _read(self._folder / name / _TOLD, PatternSet)

    def folders(self, name: str) -> list[Path]:
        """Where the copies of a set's folders are, in the order of the configuration."""
        known = self.get(name)
        return [self._folder / name / str(number) for number in range(len(known.folders))] if known else []

    # ------------------------------------------------------------------ what comes and goes

    def take(self, folders: Iterable[Path]) -> PatternSet:
        """A copy of what the folders hold now.  Raises ConfigError for what cannot be read."""
        origins = list(folders)
        try:
            files = [list(_files(folder)) for folder in origins]
        except OSError as error:
            _unreadable(error)
            raise
        with _storage(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check(origins, files)
            making = self._folder / ".new"
            shutil.rmtree(making, ignore_errors=True)
            try:
                return self._fill(making, origins, files)
            finally:
                shutil.rmtree(making, ignore_errors=True)

    def loaded(self, name: str, version: str) -> PatternSet:
        """Notes that it has served, under which version."""
        known = self.get(name)
        if known is None:
            raise StorageError(f"the pattern set {name} has vanished from {self._folder}: load it again")
        known = replace(known, version=version, loaded_at=self._now())
        with _storage(self._folder):
            _write(self._folder / name / _TOLD, known)
        return known

    def drop(self, name: str) -> None:
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def prune(self, keep: str) -> None:
        """Forgets all but the newest ``KEPT`` that have served beside the one that is to be kept."""
        others = sorted((each for each in self.sets() if each.id != keep), key=lambda each: each.loaded_at is None)
        for number, each in enumerate(others):
            if number >= KEPT or each.loaded_at is None:
                self.drop(each.id)

    def _check(self, origins: list[Path], files: list[list[Path]]) -> None:
        count, size = 0, 0
        for folder, found in zip(origins, files, strict=True):
            count += len(found)
            size += sum(_size(folder / file) for file in found)
            if count > MOST_FILES or size > MOST_BYTES:
                what = (
                    f"holds {count} files of {size >> 20} MiB; a set has at most {MOST_FILES} of {MOST_BYTES >> 20} MiB"
                )
                remedy = "name only folders of patterns in engines.patterns.dirs"
                raise ConfigError(Problem(folder, None, what, remedy))
        free = shutil.disk_usage(self._folder).free
        if size > free // 2:
            what = (
                f"the pattern sets have {size >> 20} MiB, and only {free >> 20} MiB are free in {self._folder.parent}"
            )
            raise ConfigError(Problem(None, None, what, "make room, or move data_dir"))

    def _fill(self, making: Path, origins: list[Path], files: list[list[Path]]) -> PatternSet:
        digest, size, newest = hashlib.sha256(), 0, 0.0
        before = self.folders(self.state().current)
        for number, (origin, found) in enumerate(zip(origins, files, strict=True)):
            target = making / str(number)
            target.mkdir(mode=0o700, parents=True)
            (target / ORIGIN).write_text(str(origin), "utf-8")
            digest.update(f"\0\0{origin}".encode("utf-8", "surrogateescape"))
            for file in found:
                old = before[number] / file if number < len(before) else None
                hashed = _copy(origin / file, target / file, old)
                digest.update(f"\0{file}\0".encode("utf-8", "surrogateescape") + hashed)
                about = (target / file).stat()
                size, newest = size + about.st_size, max(newest, about.st_mtime)
        name = digest.hexdigest()[:12]
        made = self._now()
        told = PatternSet(
            name,
            "",
            made,
            None,
            datetime.fromtimestamp(newest, UTC) if newest else None,
            tuple(map(str, origins)),
            sum(map(len, files)),
            size,
        )
        if known := self.get(name):  # the same as one that is kept: it becomes the newest
            told = replace(told, version=known.version, loaded_at=known.loaded_at)
        _write(making / _TOLD, told)
        if known:
            _write(self._folder / name / _TOLD, told)
        else:
            self.drop(name)
            making.rename(self._folder / name)
        return told


# ---------------------------------------------------------------------------- inside


@contextlib.contextmanager
def _storage(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"the pattern sets cannot be kept in {folder}: {error.strerror or error}") from error


def _files(folder: Path) -> Iterator[Path]:
    """Names of regular files below the folder; hidden ones are no patterns, links to folders are not followed."""
    if not folder.is_dir():
        remedy = "make it, or correct engines.patterns.dirs"
        raise ConfigError(Problem(folder, None, "is no folder of patterns", remedy))
    for place, inner, names in os.walk(folder, onerror=_unreadable):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(names):
            file = Path(place, name)
            if not name.startswith(".") and file.is_file():
                yield file.relative_to(folder)


def _unreadable(error: OSError) -> None:
    remedy = "make it readable for the user that runs Lazaretto, or remove it"
    raise ConfigError(Problem(Path(error.filename), None, f"cannot be read: {error.strerror}", remedy)) from None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # its reading will tell


def _copy(file: Path, target: Path, old: Path | None) -> bytes:
    """Copies, or links to the same content of the set before; gives the digest."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with file.open("rb") as stream:
            hashed = hashlib.file_digest(stream, "sha256").digest()
            if old and _digest(old) == hashed:
                with contextlib.suppress(OSError):  # a file system without links
                    os.link(old, target)
                    return hashed
            stream.seek(0)
            copied = hashlib.sha256()
            with target.open("wb") as out:
                while chunk := stream.read(_CHUNK):
                    copied.update(chunk)
                    out.write(chunk)
            about = os.fstat(stream.fileno())
    except OSError as error:
        if error.filename == str(file):
            _unreadable(error)
        raise
    os.utime(target, (about.st_atime, about.st_mtime))
    return copied.digest()


def _digest(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return b""


def _read(file: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None


def _write(file: Path, value: PatternSet | State) -> None:
    new = file.with_name(f".{file.name}.new")
    with new.open("wb") as stream:
        stream.write(msgspec.json.encode(value))
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
