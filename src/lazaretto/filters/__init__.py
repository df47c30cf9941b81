"""Filters judge a message as a whole; one module for each filter."""
