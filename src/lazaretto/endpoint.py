"""Where a door listens: ``host:port`` or ``unix:/path``, bound with errors that an operator can act on."""

from __future__ import annotations

import contextlib
import errno
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from lazaretto.config import host_port
from lazaretto.errors import ConfigError, Problem

UNIX = "unix:"

_REMEDIES = {
    errno.EADDRINUSE: "another program listens there: stop it, or choose another address",
    errno.EACCES: "not permitted: choose a port above 1023, or a folder that the service may write to",
    errno.EPERM: "not permitted: choose a port above 1023, or a folder that the service may write to",
    errno.EADDRNOTAVAIL: "this machine has no such address: see `ip address`",
    errno.ENOENT: "its folder does not exist: make it, or choose another",
    errno.EEXIST: "a file that is no socket has that name: remove it, or choose another name",
}


def _check(text: str) -> str:
    if not text.startswith(UNIX):
        host_port(text)
    elif not text.startswith("unix:/"):
        raise ValueError("a Unix socket is written unix:/full/path")
    return text


Endpoint = Annotated[str, AfterValidator(_check)]
"""A setting of the form host:port or unix:/path."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A socket that has its address and does not listen yet; asyncio's servers take it as ``sock=``."""

    socket: socket.socket
    address: str  # port 0 has become a real one; the path of a Unix socket
    inode: int = 0  # of a Unix socket

    def release(self) -> None:
        """Removes the Unix socket's file, unless a successor has put its own there."""
        if self.inode:
            path = Path(self.address)
            with contextlib.suppress(OSError):
                if path.stat().st_ino == self.inode:
                    path.unlink()


def bind(endpoint: str, section: str, mode: int = 0o660) -> Bound:
    """Binds; ``mode`` are the permissions of a Unix socket, whose stale file is replaced (a live one is an
    error).  Raises ConfigError that names ``section`` ("listeners.milter") and says what to do."""
    try:
        if endpoint.startswith(UNIX):
            return _unix(Path(endpoint.removeprefix(UNIX)), mode)
        return _tcp(*host_port(endpoint))
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "choose another address")
        what = f"[{section}] listen = {endpoint!r}: {error.strerror or error}"
        raise ConfigError(Problem(None, None, what, remedy)) from error


def _tcp(host: str, port: int) -> Bound:
    family, kind, proto, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, proto)
    with _closed_on_error(sock):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not kept out by TIME_WAIT after a restart
        sock.bind(address)
        name, number = sock.getsockname()[:2]
    return Bound(sock, f"[{name}]:{number}" if ":" in name else f"{name}:{number}")


def _unix(path: Path, mode: int) -> Bound:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(errno.EEXIST, "is there and is no socket")
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) != errno.ECONNREFUSED:
                raise OSError(errno.EADDRINUSE, "is in use")
        path.unlink()
    sock = socket.socket(socket.AF_UNIX)
    with _closed_on_error(sock):
        sock.bind(str(path))
        path.chmod(mode)  # nobody can connect before listen()
        return Bound(sock, str(path), path.stat().st_ino)


@contextlib.contextmanager
def _closed_on_error(sock: socket.socket) -> Iterator[None]:
    try:
        yield
    except OSError:
        sock.close()
        raise
