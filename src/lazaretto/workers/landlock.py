"""Landlock without a library: three system calls that take every right on files, TCP and outside processes away.

Source of numbers and bits: linux/landlock.h; https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct

# The same on every architecture (system calls since Linux 5.1 share one numbering; Alpha is the exception).
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_VERSION_FLAG = 1  # LANDLOCK_CREATE_RULESET_VERSION

NEWEST = 7  # ABI known to this module; a newer kernel is asked for no more than this one has

# Number of file rights by ABI: 1 has 13 (execute ... make_sym), 2 refer, 3 truncate, 5 ioctl_dev.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16}
_NETWORK_RIGHTS = 2  # bind_tcp, connect_tcp; from ABI 4
_SCOPES = 2  # abstract Unix sockets, signals; from ABI 6


def abi() -> int:
    """The kernel's Landlock version, at most NEWEST.  Raises OSError where there is none (ENOSYS), or where it
    was not switched on at boot (EOPNOTSUPP)."""
    return min(_syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG)), NEWEST)


def restrict() -> int:
    """Takes from this thread and all its children every right that the kernel can take; gives the ABI used.

    An empty set of rules that handles a right refuses it everywhere.  Files that are open stay usable.
    no_new_privs must be set.  Raises OSError."""
    version = abi()
    ruleset = _syscall(_CREATE_RULESET, attributes(version), ctypes.c_size_t(len(attributes(version))), None)
    try:
        _syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0), None)
    finally:
        os.close(ruleset)
    return version


def attributes(version: int) -> bytes:
    """``struct landlock_ruleset_attr``, as long as that ABI knows it."""
    rights = [(1 << _FILE_RIGHTS[version]) - 1]
    if version >= 4:
        rights.append((1 << _NETWORK_RIGHTS) - 1)
    if version >= 6:
        rights.append((1 << _SCOPES) - 1)
    return struct.pack(f"={len(rights)}Q", *rights)


def _syscall(number: int, *arguments: object) -> int:
    result = int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
