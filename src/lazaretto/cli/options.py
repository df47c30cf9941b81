"""Options that many subcommands share, and what follows from them."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from lazaretto.cli import find_config
from lazaretto.config import Loaded, load
from lazaretto.control.client import Client

ConfigFile = Annotated[
    Path | None,
    Parameter(help="configuration file; else $LAZARETTO_CONFIG, ./lazaretto.toml, /etc/lazaretto/lazaretto.toml"),
]
Json = Annotated[bool, Parameter(help="one JSON object a line", negative="")]


def loaded(file: Path | None) -> Loaded:
    """The configuration that holds.  Raises ConfigError."""
    return load(find_config(file))


def node(file: Path | None) -> Client:
    """The running node that the configuration describes."""
    return Client(loaded(file).config.control_socket)


def actor() -> str:
    """Who is at the keyboard, for the journal."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a user id without a name
        return "command line"
