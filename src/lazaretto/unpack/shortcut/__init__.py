"""Shortcuts: Windows' binary ones (``lnk`` judges what ``scripting.shelllink`` reads), and texts (``linkfile``)."""

from lazaretto.unpack.shortcut.linkfile import LinkFile
from lazaretto.unpack.shortcut.lnk import Lnk

__all__ = ["LinkFile", "Lnk"]
