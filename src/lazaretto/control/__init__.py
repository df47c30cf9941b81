"""The control API of a node: the one seam between mail and everything that manages it."""
