from __future__ import annotations

import platform

from tests.cli.conftest import Run

from lazaretto import __version__


def test_both_versions(run: Run) -> None:
    status, out, err = run("version")
    assert (status, err) == (0, "")
    assert out.startswith(f"lazaretto {__version__} (Python {platform.python_version()}, ")
    assert run("--version").out.strip() == __version__
