"""Scripts: JavaScript, VBScript, PowerShell, batch, pages with scripts and shortcuts, graded by what they can do."""

from lazaretto.engines.scripts.engine import Scripts

__all__ = ["Scripts"]
