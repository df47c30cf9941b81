"""Documents and formats of delivery: graded by what is in them."""

from lazaretto.engines.documents.engine import Documents

__all__ = ["Documents"]
