"""From a message to its artifacts, down to the innermost member: one module for each container family."""
