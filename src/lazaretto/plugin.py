"""The contracts: what an unpacker, engine, filter, action and listener must be, and how they are found.

A plugin is one class in one file.  It declares its ``name`` (which is also its configuration section, log name, metric
label and documentation page), a typed ``Settings``, and one or two methods.  It is found in its package
(``lazaretto.engines`` ...) or, from another distribution, in the entry-point group of the same name; so are our own.

Who runs where: unpackers, engines, filters' ``judge`` and actions' ``edit`` run in a sandboxed worker
(synchronous, no network, no files to write); listeners, filters' ``look_up``, actions' ``carry_out`` and engines that
ask another program (``lazaretto.remote.engine``) run in the node's event loop.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import Field, ValidationInfo, create_model, field_validator

from lazaretto import config
from lazaretto.errors import ConfigError
from lazaretto.filetypes import catalogue
from lazaretto.model import (
    Address,
    Artifact,
    ArtifactSummary,
    Can,
    Decision,
    Direction,
    Envelope,
    Finding,
    Inspection,
    Message,
    Outcome,
    Part,
    Peer,
    Priority,
    Reply,
    Step,
    Target,
    Verdict,
)

ANY = frozenset({"*"})


class Plugin(ABC):
    """What all plugins have in common.  Made once with its validated settings; no work at import."""

    name: ClassVar[str]
    Settings: ClassVar[type[config.Settings]] = config.Settings
    default: ClassVar[bool] = True  # in use without a section of its own in the configuration

    def __init__(self, settings: config.Settings) -> None:
        self.settings = settings


# ---------------------------------------------------------------------------- in the sandbox


@dataclass(slots=True)
class Member:
    """Something found inside a container.  ``chunks`` is read by the caller, under its limits; an unpacker
    never has to count bytes.  It may raise ``HostileInput`` while it is read."""

    names: tuple[str, ...]
    chunks: Iterable[bytes] = field(repr=False)
    declared: str = ""  # media type that the container claims
    size: int | None = None  # unpacked size that the container claims
    place: str = ""  # where in the container, when names do not say it: a MIME part's "2.1"
    view: str = ""  # the reading that gives it, when it is not the standard one
    guess: bool = False  # nobody is known to read it so: that it cannot be opened says nothing


class Passwords(Protocol):
    """Words that may open what is locked: those of the mail around it, then those of the configuration."""

    def __iter__(self) -> Iterator[str]:
        """The likeliest first, for one locked thing; ends when the words or the time for trying them are used up."""

    def known_to_all(self, words: Iterable[str]) -> Iterator[str]:
        """Words that programs try by themselves.  Their time is counted apart; raises LimitExceeded when it is used
        up, because what such a word opens is not locked."""

    def opened(self, word: str) -> Finding:
        """Says that this word opened it; also makes it the first that is tried on the next."""

    def refused(self, what: str = "") -> str:
        """For the evidence of an ENCRYPTED finding: how many words were tried on ``what``."""


class Unpacker(Plugin):
    """Opens one family of containers, recognised by true type."""

    types: ClassVar[frozenset[str]]
    # Where opening one thing is dear: the setting of [unpack] that bounds the seconds of all of them in one message.
    seconds: ClassVar[str] = ""

    def describe(self) -> tuple[str, ...]:
        """What it uses of the system, a line for each: "7-Zip: in use (26.02)", "7-Zip: not available: apt-get ..."."""
        return ()

    def unlock(self, artifact: Artifact, passwords: Passwords) -> Iterator[Member | Finding]:
        """What is called.  Who can open with a password overrides this one as well: it says what it could not open
        with a finding of kind ENCRYPTED, or raises Encrypted."""
        return self.unpack(artifact)

    @abstractmethod
    def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
        """Members in the order of the container, and findings about the container itself (encrypted,
        contradictory).  Lazily: limits are applied between two members and between two chunks.
        Raises HostileInput when nothing more can be read."""


class Scan(StrEnum):
    """Which artifacts an engine is sent."""

    ALL = "all"
    TYPES = "types"
    EXTENSIONS = "extensions"


class ScanSettings(config.Settings):
    """What every engine's section has, beside what the engine itself asks for."""

    scan: Scan = Field(
        Scan.TYPES,
        description="what it is sent: `types`, what can carry what it looks for, by true type; `all`; `extensions`, "
        "those of the list",
    )
    extensions: tuple[str, ...] = Field(
        (), description='with `scan = "extensions"`: by any of its names, or by what its true type usually has'
    )

    @field_validator("extensions")
    @classmethod
    def _go_with_their_mode(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if bool(value) != (info.data.get("scan") is Scan.EXTENSIONS):
            raise ValueError('scan = "extensions" and a list of extensions go together')
        return tuple(each.lower().lstrip("*.") for each in value)


class Examiner(Plugin):
    """Judges one artifact: here in the sandbox (Engine), or through another program (``remote.engine``)."""

    types: ClassVar[frozenset[str]] = ANY  # true types it wants to see: "application/pdf", "text/*", "*"

    @property
    def version(self) -> str:
        """Names the patterns or the logic in use; results are cached under it."""
        return "1"

    def describe(self) -> tuple[str, ...]:
        """What it has loaded, for the operator: one line for each file or set, with what was refused."""
        return ()

    def beside(self, artifact: Artifact) -> str:
        """What its answer depends on beside the artifact's bytes and type: results are cached under it too."""
        return ""

    def wants(self, artifact: Artifact) -> bool:
        """Whether it is to see this one, by ``types`` and by ``scan`` of its section."""
        mode = getattr(self.settings, "scan", Scan.TYPES)
        if mode is Scan.ALL:
            return True
        if mode is Scan.TYPES:
            # A script that begins as a picture does is a picture, but not for whoever opens it by its name.
            return covers(self.types, artifact.type) or any(covers(self.types, each) for each in runs_as(artifact))
        known = catalogue.TYPES.get(artifact.type)
        carried = {catalogue.suffix(name) for name in artifact.names}.union(known.extensions if known else ())
        return not carried.isdisjoint(self.settings.extensions)  # type: ignore[attr-defined]  # goes with the mode


class Engine(Examiner):
    """Judges one artifact in the sandbox."""

    # False where bytes, true type and what ``beside`` says make its answer: only then it is kept, not asked each time.
    by_name: ClassVar[bool] = True

    @abstractmethod
    def inspect(self, artifact: Artifact) -> Iterable[Finding | Target]:
        """Findings about this artifact (the caller fills in ``artifact.path``), and where its links lead."""

    def judge(self, artifacts: Sequence[Artifact], findings: Sequence[Finding]) -> Iterable[Finding]:
        """About things by what is in them and what was said of it: asked once, when all artifacts are inspected."""
        return ()


def runs_as(artifact: Artifact) -> frozenset[str]:
    """What its names make of it when it is opened, where they are names of what runs: types, whatever it is."""
    runs = {catalogue.suffix(name) for name in artifact.names} & catalogue.RUNNABLE
    return frozenset().union(*(catalogue.BY_EXTENSION.get(each, ()) for each in runs))


def covers(types: frozenset[str], media_type: str) -> bool:
    """Whether "*", "text/*" or "text/plain" among ``types`` covers this one."""
    return not types.isdisjoint(("*", media_type, media_type.partition("/")[0] + "/*"))


class Filter(Plugin):
    """Judges a message as a whole: in the sandbox by its content, at the rim by asking the network."""

    @property
    def version(self) -> str:
        return "1"

    def judge(self, message: Message, envelope: Envelope, artifacts: Sequence[Artifact]) -> Iterable[Finding]:
        """Runs in the sandbox."""
        return ()

    async def look_up(self, envelope: Envelope) -> Iterable[Finding]:
        """Runs at the rim, at the same time as the inspection; must bound its own time."""
        return ()


class Draft(Protocol):
    """A message being edited.  Edits are collected and spliced in at the end, whole or not at all."""

    @property
    def message(self) -> Message: ...

    @property
    def artifacts(self) -> Sequence[ArtifactSummary]: ...

    def add_header(self, name: str, value: str) -> None:
        """A new field on top; ``value`` may be any text (encoded as RFC 2047 where it has to be)."""

    def set_header(self, name: str, value: str) -> None:
        """Replaces the first field of that name, or adds one."""

    def get_header(self, name: str) -> str | None:
        """First field of that name, unfolded and decoded."""

    def remove_header(self, name: str) -> None:
        """All fields of that name that came with the message go."""

    def replace_part(self, part: Part, entity: bytes) -> None:
        """``entity`` (header and body, CRLF) stands where the part stood; the rest keeps its bytes."""

    def rewrite(self, make: Callable[[bytes], bytes | None]) -> None:
        """What ``make`` makes of the whole message (None: the same) takes its place, after all other edits."""


# ---------------------------------------------------------------------------- at the rim


@dataclass(frozen=True, slots=True)
class Case:
    """What an action gets to see when it is carried out."""

    envelope: Envelope
    raw: bytes = field(repr=False)
    inspection: Inspection
    verdict: Verdict


class Keeper(Protocol):
    """The part of the vault that actions use."""

    async def hold(self, case: Case, *, purpose: str, artifact: str | None = None) -> str:
        """Writes the original to disk (synced) and returns the item's id.  ``purpose`` is "quarantine" or
        "backup".  Raises StorageError."""


class Action(Plugin):
    """Something that can be done to a message.  A step of a verdict names it and gives its options."""

    needs: ClassVar[Can] = Can(0)  # what the door must be able to do
    nearest: ClassVar[tuple[str, ...]] = ()  # taken instead, in this order, where the door cannot
    rank: ClassVar[int] = 0  # strictness: the higher wins where a door cannot split recipients
    reply: ClassVar[Reply] = Reply.ACCEPT
    options: ClassVar[frozenset[str]] = frozenset()  # names of options a step may give
    per_part: ClassVar[bool] = False  # changes the parts that findings are in; a finding in none gets the nearest

    def check(self, options: Mapping[str, str]) -> Iterable[str]:
        """What is wrong with these options of a step, in words for whoever wrote the policy."""
        return ()

    def describe(self, step: Step) -> str:
        """What the step does, to stand behind "so" in a verdict's sentence: "the message is held"."""
        return f"the action {self.name} is taken"

    def edit(self, draft: Draft, step: Step, verdict: Verdict) -> Iterable[Outcome]:
        """Changes the draft; runs in the sandbox."""
        return ()

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        """Effects outside the message; runs before the journal is written and the door answers."""
        return ()

    def reroute(self, step: Step, recipients: tuple[Address, ...]) -> tuple[Address, ...]:
        """Who gets the message in place of these."""
        return recipients


class Line(Protocol):
    """What a door sees of the rest of the program."""

    @property
    def hostname(self) -> str: ...

    def direction(self, peer: Peer, sender: Address, recipients: Sequence[Address]) -> Direction:
        """By the organisation's domains and networks."""

    async def process(self, raw: bytes, envelope: Envelope, priority: Priority = Priority.DELIVERY) -> Decision:
        """The whole line.  Never raises: what cannot be inspected or recorded comes back as DEFER."""


class Listener(Plugin):
    """A door that accepts connections.  In use only when it has a section in the configuration."""

    default = False
    can: ClassVar[Can]

    @abstractmethod
    async def start(self, line: Line) -> None:
        """Returns once connections are accepted.  Raises ConfigError when it cannot listen."""

    @abstractmethod
    async def stop(self, grace: float) -> None:
        """Stops accepting, lets running transactions end for up to ``grace`` seconds, closes."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it listens now: "127.0.0.1:8891" or a socket's path (port 0 has become a real one)."""


# ---------------------------------------------------------------------------- discovery

GROUPS: Mapping[str, type[Plugin]] = {
    "unpack": Unpacker,
    "engines": Examiner,
    "filters": Filter,
    "actions": Action,
    "listeners": Listener,
}

P = TypeVar("P", bound=Plugin)


def discover(group: str, kind: type[P]) -> dict[str, type[P]]:
    """All plugins of a group by name: every concrete class in the modules of ``lazaretto.<group>``, then
    the entry points of the group ``lazaretto.<group>``.  Two plugins of one name are an error."""
    package = importlib.import_module(f"lazaretto.{group}")
    found: dict[str, type[P]] = {}
    modules = (
        importlib.import_module(f"{package.__name__}.{info.name}") for info in pkgutil.iter_modules(package.__path__)
    )
    local = [cls for module in modules for cls in vars(module).values() if _is_plugin(cls, kind, module.__name__)]
    foreign = [entry.load() for entry in entry_points(group=f"lazaretto.{group}")]
    for cls in [*local, *foreign]:
        other = found.setdefault(cls.name, cls)
        if other is not cls:
            raise TypeError(f"two plugins named {cls.name!r} in {group}: {other.__module__} and {cls.__module__}")
    return dict(sorted(found.items()))


def build(loaded: config.Loaded, group: str, kind: type[P]) -> list[P]:
    """The plugins of a group that are in use, by name, each made with its settings from the configuration.
    Raises ConfigError with every mistake in the group's sections."""
    known = discover(group, GROUPS[group])
    problems = config.unknown_sections(loaded, group, list(known))
    built: list[P] = []
    for name, cls in known.items():
        if not issubclass(cls, kind):
            continue
        if cls.default or name in config.sections(loaded, group):
            try:
                built.append(cls(config.plugin_settings(loaded, group, name, settings_of(cls))))
            except ConfigError as error:
                problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return built


def settings_of(cls: type[Plugin]) -> type[config.Settings]:
    """What its section may hold: its own settings and, for an engine of either kind, which artifacts it is sent."""
    if not issubclass(cls, Examiner) or issubclass(cls.Settings, ScanSettings):
        return cls.Settings
    if issubclass(ScanSettings, cls.Settings):
        return ScanSettings  # the engine asks for nothing
    return create_model(cls.Settings.__name__, __base__=(cls.Settings, ScanSettings), __doc__=cls.Settings.__doc__)


def _is_plugin(candidate: Any, kind: type[Plugin], module: str) -> bool:
    return (
        inspect.isclass(candidate)
        and issubclass(candidate, kind)
        and not inspect.isabstract(candidate)
        and (candidate.__module__ == module or candidate.__module__.startswith(f"{module}."))
        and "name" in vars(candidate)
    )
