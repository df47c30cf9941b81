"""Shortcuts: Windows' binary ones (``shelllink`` reads, ``lnk`` judges), and those that are texts (``linkfile``)."""

from lazaretto.unpack.shortcut.linkfile import LinkFile
from lazaretto.unpack.shortcut.lnk import Lnk

__all__ = ["LinkFile", "Lnk"]
