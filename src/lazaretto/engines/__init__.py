"""Engines judge one artifact each; one module for each engine."""
