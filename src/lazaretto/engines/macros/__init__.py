"""Macros of office documents: Visual Basic, Excel 4, StarBasic, and DDE, graded by what they can do."""

from lazaretto.engines.macros.engine import Macros

__all__ = ["Macros"]
