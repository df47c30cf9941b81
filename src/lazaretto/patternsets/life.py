"""Which pattern set is in force, and how another one takes its place.

A new set is copied, compiled and tried in a new nursery beside the old one.  Only when all workers of that stand
ready do they take the mail; what is in hand is finished under the old set, and whatever goes wrong before, the old one
stays.  No mail waits, and none is lost by a mistake in a rule.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from lazaretto import config
from lazaretto.control.types import PatternSet
from lazaretto.errors import LazarettoError, NotFound, StorageError, WorkerError
from lazaretto.model import now
from lazaretto.patternsets.copies import Copies, State
from lazaretto.workers.pool import Pool

ENGINE = "patterns"


@dataclass(frozen=True, slots=True)
class Life:
    """What is to be said of it now."""

    sets: tuple[PatternSet, ...]  # the newest first
    loading_since: datetime | None
    refused: str  # why the folders as they are now do not serve, "" when they do or nobody has tried
    pinned: bool  # rolled back; the folders are not looked at before somebody loads them
    unkept: str  # why the set in force is not written down for the next start

    @property
    def current(self) -> PatternSet | None:
        return next((each for each in self.sets if each.current), None)


class PatternSets:
    """All methods belong to one event loop."""

    def __init__(self, loaded: config.Loaded, workers: Pool) -> None:
        self._loaded, self._workers = loaded, workers
        self._copies = Copies(loaded.config.data_dir / "patterns")
        self._one = asyncio.Lock()
        self._state = State()
        self._loading_since: datetime | None = None
        self._refused = self._unkept = ""

    async def start(self) -> str:
        """Starts the workers with what the folders hold, or where that does not serve with the newest set that did;
        after a roll back with the set that was chosen.  Gives the reason in the second case, else "".
        Raises ConfigError, WorkerError or StorageError."""
        async with self._one:
            state = await asyncio.to_thread(self._copies.state)
            unpinned = ""
            if state.pinned:
                try:
                    await self._serve(state)
                    return ""
                except LazarettoError as error:  # then the folders have to serve after all
                    unpinned = f"the set that was rolled back to does not serve, the folders take its place: {error}"
            try:
                await self._renew()
            except LazarettoError as error:
                if not await self._fall_back():
                    if isinstance(error, WorkerError):
                        raise
                    await self._load(self._loaded)  # tells of every mistake, not only of those in the folders
                    self._unkept = str(error)
                    return ""
                self._refused = str(error)
        return self._refused or unpinned

    async def reload(self) -> str:
        """What the folders hold now; gives the version.  Raises ConfigError, WorkerError or StorageError, and then
        nothing has changed."""
        async with self._one:
            try:
                return await self._renew()
            except LazarettoError as error:
                self._refused = str(error)
                raise

    async def roll_back(self, to: str = "") -> str:
        """The set ``to`` (an id or a version), or the newest one older than that in force; it stays in force, also
        when the node starts anew, until somebody loads again.  Raises NotFound, ConfigError, WorkerError."""
        async with self._one:
            known = [each for each in await asyncio.to_thread(self._copies.sets) if each.loaded_at]
            await self._serve(State(_choose(known, self._state.current, to).id, pinned=True))
            return self._workers.version

    async def status(self) -> Life:
        sets = await asyncio.to_thread(self._copies.sets)
        current = self._state.current
        marked = tuple(replace(each, current=each.id == current) for each in sets if each.loaded_at)
        return Life(marked, self._loading_since, self._refused, self._state.pinned, self._unkept)

    # ------------------------------------------------------------------ inside

    async def _renew(self) -> str:
        folders = _folders(self._loaded)
        if not folders:
            await self._load(self._loaded)
            await self._note(State())
            return self._workers.version
        with self._loading():
            made = await asyncio.to_thread(self._copies.take, folders)
        try:
            await self._serve(State(made.id))
        except BaseException:  # cancelled too: a copy that does not serve is not left behind
            if not made.loaded_at and made.id != self._state.current:
                await asyncio.to_thread(self._copies.drop, made.id)
            raise
        await asyncio.to_thread(self._copies.prune, made.id)
        return self._workers.version

    async def _serve(self, state: State) -> None:
        folders = await asyncio.to_thread(self._copies.folders, state.current)
        if not folders:
            raise StorageError(f"the pattern set {state.current} has vanished from data_dir: load it again")
        await self._load(_with_folders(self._loaded, folders))
        await self._note(state)

    async def _note(self, state: State) -> None:
        """It is in force already: that this cannot be written down changes nothing before the next start."""
        self._state, self._refused, self._unkept = state, "", ""
        try:
            if state.current:
                await asyncio.to_thread(self._copies.loaded, state.current, self._workers.version)
            await asyncio.to_thread(self._copies.put, state)
        except StorageError as error:
            self._unkept = str(error)

    async def _load(self, loaded: config.Loaded) -> None:
        seconds = loaded.config.workers.load_seconds
        with self._loading():
            try:
                async with asyncio.timeout(seconds):
                    await self._workers.reload(loaded)
            except TimeoutError:
                what = f"loading the patterns takes more than {seconds:g} seconds (workers.load_seconds)"
                raise WorkerError(f"{what}; take rules out, or give it more time") from None

    async def _fall_back(self) -> bool:
        """To the newest set that has served."""
        for each in await asyncio.to_thread(self._copies.sets):
            if each.loaded_at:
                with contextlib.suppress(LazarettoError):  # an older one may still do
                    await self._serve(State(each.id))
                    return True
        return False

    @contextlib.contextmanager
    def _loading(self) -> Iterator[None]:
        self._loading_since = self._loading_since or now()
        try:
            yield
        finally:
            self._loading_since = None


def _choose(known: list[PatternSet], current: str, to: str) -> PatternSet:
    if to:
        wanted: Callable[[PatternSet], bool] = lambda each: to in (each.id, each.version)  # noqa: E731 - of two kinds
        missing = f"no pattern set {to!r} is kept"
    else:
        made = next((each.made_at for each in known if each.id == current), None)
        wanted = lambda each: each.id != current and (made is None or each.made_at < made)  # noqa: E731 - as above
        missing = "no older pattern set is kept"
    found = next(filter(wanted, known), None)
    if found is None:
        raise NotFound(f"{missing}; `lazaretto patterns list` shows those that are")
    return found


def _table(loaded: config.Loaded) -> Mapping[str, Any]:
    return config.sections(loaded, "engines").get(ENGINE, {})


def _folders(loaded: config.Loaded) -> list[Path]:
    """As the engine will read them; what is no list of folders is for the engine to refuse."""
    base = loaded.file.parent if loaded.file else Path.cwd()
    dirs = _table(loaded).get("dirs", ())
    if isinstance(dirs, list | tuple) and all(isinstance(each, str | Path) for each in dirs):
        return [(base / each).resolve() for each in dirs]
    return []


def _with_folders(loaded: config.Loaded, folders: list[Path]) -> config.Loaded:
    table = {**_table(loaded), "dirs": list(map(str, folders))}
    engines = {**loaded.config.engines, ENGINE: table}
    return replace(loaded, config=loaded.config.model_copy(update={"engines": engines}))
