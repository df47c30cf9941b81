"""The configuration: one TOML file, typed, every mistake reported at once with file, line and remedy.

Values come from, in rising order: the defaults below, the file, environment variables
(``LAZARETTO_WORKERS__COUNT=4``).  ``Loaded.origins`` says for each value where it came from.

Sections of plugins (``[listeners.milter]``) are kept as plain tables here and checked against the plugin's own
``Settings`` by ``plugin_settings``, through the same error reporting.
"""

from __future__ import annotations

import difflib
import os
import re
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lazaretto.errors import ConfigError, Problem

ENVIRONMENT = "LAZARETTO_"


class Settings(BaseModel):
    """Base of every section: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def host_port(text: str) -> tuple[str, int]:
    """ "127.0.0.1:8891", "[::1]:25" or "mail.example.org:25" in two.  Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{text!r} is not of the form host:port")
    return host.strip("[]"), int(port)


def _check_address(text: str) -> str:
    if text:
        host_port(text)
    return text


HostPort = Annotated[str, AfterValidator(_check_address)]
"""A setting of the form host:port; may be empty where the default is."""


class Organisation(Settings):
    """Who we are: decides what is inbound, outbound and internal."""

    domains: tuple[str, ...] = Field((), description="our mail domains; with a leading dot the domain and all below it")
    networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")), description="CIDR networks that send for us"
    )


class Workers(Settings):
    """The sandboxed inspection processes."""

    count: int = Field(0, ge=0, le=256, description="number of processes; 0: one for each processor")
    deadline: float = Field(60.0, gt=0, le=3600, description="seconds for one inspection before the worker is killed")
    memory: int = Field(1024, ge=128, description="MiB of address space that one worker may use above the patterns")
    queue: int = Field(1000, ge=1, description="inspections that may wait; beyond it doors defer")
    results: int = Field(
        16,
        ge=0,
        le=1024,
        description="MiB for what engines said of files seen before, shared by three workers and more; 0: none",
    )
    load_seconds: float = Field(
        600.0, gt=0, description="seconds for loading patterns; beyond it those before them stay in force"
    )


class Unpack(Settings):
    """Limits of unpacking, for one message; each ends in a LIMIT finding."""

    depth: int = Field(16, ge=1, le=200, description="containers within containers")
    count: int = Field(10_000, ge=1, description="artifacts")
    member_bytes: int = Field(100 * 2**20, ge=1024, description="bytes of one artifact")
    total_bytes: int = Field(256 * 2**20, ge=1024, description="bytes of all artifacts together")
    ratio: int = Field(1000, ge=10, description="unpacked size divided by packed size, above 1 MiB")
    seconds: float = Field(20.0, gt=0, description="processor time for unpacking")
    artifact_seconds: float = Field(5.0, gt=0, description="processor time for unpacking one artifact")
    program_seconds: float = Field(3.0, gt=0, description="processor time for running packed programs, of one message")
    passwords: tuple[str, ...] = Field(("infected", "1234", "password"), description="words tried on what is locked")
    password_count: int = Field(100, ge=0, description="words tried on one locked artifact; 0: none")
    thread_days: int = Field(
        0, ge=0, le=365, description="days that words of a mail are kept for what is locked in answers to it; 0: none"
    )
    password_seconds: float = Field(
        3.0,
        ge=0,
        description="processor time for trying words, of one message; as much for those that Office itself tries",
    )


class Policy(Settings):
    file: Path | None = Field(None, description="policy document; without one the built-in policy decides")


class Vault(Settings):
    """Quarantine and backup."""

    key_file: Path | None = Field(
        None, description="32-byte key, hex; default: data_dir/vault.key, made on first start"
    )
    keep_days: int = Field(30, ge=1, description="items older than this expire")
    max_bytes: int = Field(20 * 2**30, ge=2**20, description="the oldest items expire when blobs take more than this")
    release_to: HostPort = Field("127.0.0.1:25", description="SMTP server that takes released mail, host:port")
    sender: str = Field("lazaretto@localhost", description="sender of forwarded items")


class Journal(Settings):
    keep_days: int = Field(90, ge=1, description="events older than this are removed")


class Control(Settings):
    socket: Path | None = Field(None, description="Unix socket of the control API; default: data_dir/control.sock")


class Console(Settings):
    enabled: bool = Field(True, description="run by `lazaretto up`")
    listen: HostPort = Field("127.0.0.1:8480", description="host:port of the web console")
    allowed_hosts: tuple[str, ...] = Field(("localhost", "127.0.0.1", "[::1]"), description="names it may be called by")
    secure: bool = Field(False, description="true when it is reached by HTTPS (cookies then travel by HTTPS only)")


class Metrics(Settings):
    listen: HostPort = Field("", description='host:port for Prometheus, "" for none')


class Config(Settings):
    """The whole file."""

    data_dir: Path = Field(Path("var"), description="holds everything that is written")
    hostname: str = Field(default_factory=socket.getfqdn, description="name in SMTP greetings and trace headers")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="debug, info, warning or error")
    organisation: Organisation = Organisation()
    workers: Workers = Workers()
    unpack: Unpack = Unpack()
    policy: Policy = Policy()
    vault: Vault = Vault()
    journal: Journal = Journal()
    control: Control = Control()
    console: Console = Console()
    metrics: Metrics = Metrics()
    listeners: dict[str, dict[str, Any]] = Field(default_factory=dict, description="doors, by name")
    engines: dict[str, dict[str, Any]] = Field(default_factory=dict, description="engines, by name")
    filters: dict[str, dict[str, Any]] = Field(default_factory=dict, description="filters, by name")
    actions: dict[str, dict[str, Any]] = Field(default_factory=dict, description="actions, by name")

    @property
    def control_socket(self) -> Path:
        return self.control.socket or self.data_dir / "control.sock"

    @property
    def vault_key(self) -> Path:
        return self.vault.key_file or self.data_dir / "vault.key"


Key = tuple[str, ...]


@dataclass(frozen=True)
class Loaded:
    """A checked configuration and, for each key that was given, where ("lazaretto.toml:12", "$LAZARETTO_X")."""

    config: Config
    file: Path | None
    lines: Mapping[Key, int] = field(default_factory=dict)
    origins: Mapping[Key, str] = field(default_factory=dict)

    def origin(self, key: Key) -> str:
        return self.origins.get(key, "default")


def load(file: Path | None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Reads, overlays, checks.  Raises ConfigError with every problem in it.

    Relative paths in the file are relative to the file."""
    table, lines = _read(file)
    origins: dict[Key, str] = {key: f"{file}:{line}" for key, line in lines.items()}
    _overlay(table, os.environ if environ is None else environ, origins)
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        raise ConfigError(*problems_of(error, Config, file, lines, origins=origins)) from None
    return Loaded(_absolute(config, file.parent if file else Path.cwd()), file, lines, origins)


S = TypeVar("S", bound=Settings)


def plugin_settings(loaded: Loaded, group: str, name: str, kind: type[S]) -> S:
    """The settings of one plugin; the defaults when it has no section.  Raises ConfigError."""
    table = sections(loaded, group).get(name, {})
    try:
        settings = kind.model_validate(table)
    except ValidationError as error:
        raise ConfigError(*problems_of(error, kind, loaded.file, loaded.lines, (group, name), loaded.origins)) from None
    return _absolute(settings, loaded.file.parent if loaded.file else Path.cwd())


def sections(loaded: Loaded, group: str) -> Mapping[str, dict[str, Any]]:
    """The tables of a group's plugins by name; empty for a group without any (``[unpack]`` holds limits)."""
    tables = getattr(loaded.config, group, None)
    return tables if isinstance(tables, dict) else {}


def problems_of(
    error: ValidationError,
    kind: type[BaseModel],
    file: Path | None,
    lines: Mapping[Key, int],
    prefix: Key = (),
    origins: Mapping[Key, str] | None = None,
) -> list[Problem]:
    """One Problem for each mistake, in the order of the file."""
    problems = []
    for mistake in error.errors():
        key = prefix + tuple(str(step) for step in mistake["loc"])
        dotted = ".".join(key)
        if mistake["type"] == "extra_forbidden":
            known = _fields(kind, mistake["loc"][:-1])
            close = difflib.get_close_matches(key[-1], known, n=1)
            what = f"unknown key {dotted!r}"
            remedy = (
                f"did you mean {close[0]!r}?" if close else f"known keys here: {', '.join(sorted(known)) or 'none'}"
            )
        else:
            what, remedy = (
                f"{dotted}: {mistake['msg']}",
                f"got {mistake['input']!r}" if mistake["type"] != "missing" else "",
            )
        source = (origins or {}).get(key, "")
        if source.startswith("$"):
            problems.append(Problem(None, None, f"{source}: {what}", remedy))
            continue
        line = next((lines[key[:cut]] for cut in range(len(key), 0, -1) if key[:cut] in lines), None)
        problems.append(Problem(file, line, what, remedy))
    return sorted(problems, key=lambda problem: problem.line or 0)


def unknown_sections(loaded: Loaded, group: str, known: list[str]) -> list[Problem]:
    """Sections ``[group.name]`` that no plugin answers to."""
    problems = []
    for name in sections(loaded, group):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean [{group}.{close[0]}]?" if close else f"there are: {', '.join(known) or 'none'}"
            problems.append(
                Problem(loaded.file, loaded.lines.get((group, name)), f"unknown section [{group}.{name}]", remedy)
            )
    return problems


# ---------------------------------------------------------------------------- inside


def _read(file: Path | None) -> tuple[dict[str, Any], dict[Key, int]]:
    if file is None:
        return {}, {}
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise ConfigError(
            Problem(file, None, f"cannot be read: {reason}", "give an existing TOML file to --config")
        ) from None
    try:
        return tomllib.loads(text), locate(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        raise ConfigError(
            Problem(file, int(at[1]) if at else None, f"not TOML: {error}", "see https://toml.io")
        ) from None


_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_STEP = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def locate(text: str) -> dict[Key, int]:
    """Line of each key and table of a TOML text that tomllib has accepted; elements of ``[[tables]]`` get their
    index as a step.  Lines inside multi-line values may be taken for keys: harmless, nobody asks for them."""
    lines: dict[Key, int] = {}
    table: Key = ()
    counts: dict[Key, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = tuple(step.strip("\"'") for step in _STEP.findall(header[1]))
            if line.lstrip().startswith("[["):
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = (*table, str(index))
            elif table[:-1] in counts:
                table = (*table[:-1], str(counts[table[:-1]] - 1), table[-1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(table + tuple(step.strip("\"'") for step in _STEP.findall(key[1])), number)
    return lines


def _overlay(table: dict[str, Any], environ: Mapping[str, str], origins: dict[Key, str]) -> None:
    """LAZARETTO_A__B=value becomes a.b; the value is read as TOML where it is TOML, else as a string."""
    for name, text in environ.items():
        if not name.startswith(ENVIRONMENT):
            continue
        key = tuple(name.removeprefix(ENVIRONMENT).lower().split("__"))
        if key[0] not in Config.model_fields:
            continue  # other programs of ours have variables too (LAZARETTO_TEST_...)
        try:
            value: Any = tomllib.loads(f"v = {text}")["v"]
        except tomllib.TOMLDecodeError:
            value = text
        target = table
        for step in key[:-1]:
            target = target.setdefault(step, {})
            if not isinstance(target, dict):
                raise ConfigError(Problem(None, None, f"${name}: {step!r} is not a section", "unset the variable"))
        target[key[-1]] = value
        origins[key] = f"${name}"


def _absolute(settings: S, base: Path) -> S:
    """The same settings with every relative path made absolute."""
    changed: dict[str, Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path):
            changed[name] = (base / value).resolve()
        elif isinstance(value, Settings):
            changed[name] = _absolute(value, base)
        elif isinstance(value, tuple) and any(isinstance(each, Path) for each in value):
            changed[name] = tuple((base / each).resolve() for each in value)
    return settings.model_copy(update=changed) if changed else settings


def _fields(kind: type[BaseModel], steps: tuple[int | str, ...]) -> list[str]:
    """Names of the fields of the model that ``steps`` lead to."""
    for step in steps:
        if isinstance(step, int):
            continue  # an element of an array has the fields that the array's type names
        annotation = kind.model_fields[str(step)].annotation if str(step) in kind.model_fields else None
        models = [
            each
            for each in (annotation, *get_args(annotation))
            if isinstance(each, type) and issubclass(each, BaseModel)
        ]
        if not models:
            return []
        kind = models[0]
    return [field.alias or name for name, field in kind.model_fields.items()]
