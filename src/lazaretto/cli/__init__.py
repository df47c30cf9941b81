"""The ``lazaretto`` command; one module for each subcommand."""

from __future__ import annotations

from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and returns the exit status."""
    raise SystemExit("lazaretto: no commands yet")
