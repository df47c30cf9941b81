"""A processor of 32 bits, small and slow, that runs the beginning of a packed program until the program that was
packed lies open in its memory.  Nothing of it reaches the real processor, memory or system."""
