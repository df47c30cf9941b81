"""What is known about types of files, whoever asks: the family of each, how it is known, the extensions it has."""
