"""Sandboxed inspection processes: hostile bytes are opened only here."""
