"""Protocol codecs without sockets: bytes in, events out; shared by doors, stores and engines."""
