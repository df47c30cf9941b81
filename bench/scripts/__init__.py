"""What the engine ``scripts`` says of folders of honest scripts and pages: ``python -m bench.scripts FOLDER...``."""
