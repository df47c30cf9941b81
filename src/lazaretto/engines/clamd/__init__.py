"""ClamAV's daemon as an engine."""

from lazaretto.engines.clamd.engine import Clamd

__all__ = ["Clamd"]
