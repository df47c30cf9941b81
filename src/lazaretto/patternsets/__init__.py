"""The life of pattern sets on a node: copied, tried, put in force, kept, rolled back."""
