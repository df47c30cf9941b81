"""Lazaretto: open-source mail security."""

__version__ = "0.1.0"
