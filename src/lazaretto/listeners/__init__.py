"""Doors that accept connections; one module for each protocol."""
