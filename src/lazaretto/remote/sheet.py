"""Bytes as an open file, for who can be handed one."""

from __future__ import annotations

import fcntl
import os

_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def sheet(data: bytes) -> int:
    """A memory file with these bytes that nobody can change, grow or shrink any more: whoever maps it need not fear
    that it gets shorter under his eyes.  Raises OSError."""
    file = os.memfd_create("lazaretto", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(file, 0, os.SEEK_SET)
    except BaseException:  # interrupted too: nobody else knows the descriptor yet
        os.close(file)
        raise
    return file
