"""Shortcuts by the minimal writer of the tests of their unpacker."""

from __future__ import annotations

from tests.unpack.shortcut.conftest import lnk

__all__ = ["lnk"]
