"""What can be done to a message; one module for each action."""
