"""``lazaretto version``"""

from __future__ import annotations

import platform

from lazaretto import __version__


def version() -> None:
    """Show the version of Lazaretto and of Python."""
    print(f"lazaretto {__version__} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
