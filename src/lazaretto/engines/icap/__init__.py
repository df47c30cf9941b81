"""Services that speak ICAP as an engine."""

from lazaretto.engines.icap.engine import Icap

__all__ = ["Icap"]
