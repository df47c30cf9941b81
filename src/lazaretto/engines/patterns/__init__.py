"""Known threats: YARA rules, hash sets and ClamAV signatures from folders, compiled once."""

from lazaretto.engines.patterns.engine import Patterns

__all__ = ["Patterns"]
