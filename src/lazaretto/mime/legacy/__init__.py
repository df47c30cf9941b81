"""Encodings older than MIME, or beside it, in which a text holds files: one module for each.

Pure: bytes in, bytes out, nothing raises.  Each module has ``present`` (a quick "maybe", for every ordinary text),
``find`` (every instance in a text) and ``decode`` (a body that the transfer encoding says is one).
"""
