"""The ``lazaretto`` command; one module for each subcommand, loaded only when it is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App

from lazaretto import __version__
from lazaretto.errors import ConfigError, LazarettoError

FAILED = 2  # exit status: could not do what was asked (1 is for "something was found")

PLACES = (Path("lazaretto.toml"), Path("/etc/lazaretto/lazaretto.toml"))
"""Where the configuration is looked for, when neither --config nor $LAZARETTO_CONFIG names it."""


def app() -> App:
    """The command tree.  Strings are import paths: ``lazaretto status`` does not load what ``scan`` needs."""
    tree = App(name="lazaretto", help="Mail security: inspects, cleans, holds.", version=__version__)
    tree.command("lazaretto.cli.up:up")
    tree.command("lazaretto.cli.node:node")
    tree.command("lazaretto.cli.console:app", name="console")
    tree.command("lazaretto.cli.scan:scan")
    tree.command("lazaretto.cli.explain:explain")
    tree.command("lazaretto.cli.quarantine:app", name="quarantine")
    tree.command("lazaretto.cli.vault:app", name="vault")
    tree.command("lazaretto.cli.messages:app", name="messages")
    tree.command("lazaretto.cli.patterns:app", name="patterns")
    tree.command("lazaretto.cli.config:app", name="config")
    tree.command("lazaretto.cli.status:status")
    tree.command("lazaretto.cli.demo:demo")
    tree.command("lazaretto.cli.version:version")
    tree.register_install_completion_command(name="--install-completion")
    return tree


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and returns the exit status.  What goes wrong is said on standard error."""
    try:
        status = app()(list(arguments), result_action="return_value")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return FAILED
    except LazarettoError as error:
        print(f"lazaretto: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status if isinstance(status, int) else 0


def find_config(given: Path | None) -> Path | None:
    """The configuration file to use; None when there is none anywhere (then the defaults hold)."""
    if given is not None:
        return given
    if named := os.environ.get("LAZARETTO_CONFIG"):
        return Path(named)
    return next((place for place in PLACES if place.exists()), None)
