"""How much is found in labelled sets of mail and files: ``python -m bench.detection FOLDER [--sets a,b]``."""
