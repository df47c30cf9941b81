"""What findings are called: the catalogue of our own names, and how other people's names are read."""
