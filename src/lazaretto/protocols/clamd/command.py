"""What a client of clamd says (clamd(8), COMMANDS)."""

from __future__ import annotations

import struct

PING = b"zPING\0"
VERSION = b"zVERSION\0"
INSTREAM = b"zINSTREAM\0"
FILDES = b"zFILDES\0"
DUMMY = b"\0"  # the one octet that carries the descriptor after FILDES
END = b"\0\0\0\0"  # a chunk of no bytes ends a stream
PORTION = 256 * 1024  # bytes of a chunk; clamd refuses those above its StreamMaxLength

_LENGTH = struct.Struct("!I")


def chunk(size: int) -> bytes:
    """What stands before ``size`` bytes of a stream.  None of 0 bytes: that is the end."""
    if not 0 < size < 2**32:
        raise ValueError("a chunk has 1 to 4294967295 bytes")
    return _LENGTH.pack(size)
