"""``lazaretto up``: everything, with one command."""

from __future__ import annotations

import asyncio
import sys
from importlib.resources import files
from pathlib import Path

from lazaretto.cli import PLACES, find_config
from lazaretto.cli.node import configure_logs
from lazaretto.cli.options import ConfigFile
from lazaretto.config import load
from lazaretto.errors import ConfigError, Problem


def up(*, config: ConfigFile = None) -> int:
    """Run the whole program: doors, workers, quarantine and console.

    Without any configuration it writes ./lazaretto.toml to start from.  Prints "ready" once mail and console are
    served; SIGTERM or Ctrl-C ends it cleanly.
    """
    from lazaretto.supervisor import supervise

    file = find_config(config) or _starter()
    current = load(file).config
    configure_logs(current.log_level)
    say = lambda line: print(line, flush=True)  # noqa: E731 - a name for one call would say less
    return asyncio.run(supervise(file, console=current.console.enabled, say=say))


def _starter() -> Path:
    """A first configuration, with comments, in the current folder."""
    file = PLACES[0].absolute()
    try:
        file.write_text(files("lazaretto.cli").joinpath("starter.toml").read_text("utf-8"), "utf-8")
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise ConfigError(Problem(file, None, what, "run it in a folder of your own, or give --config")) from None
    print(f"wrote {file}: look through it later; every key is explained there", file=sys.stderr)
    return file
