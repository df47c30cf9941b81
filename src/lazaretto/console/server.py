"""The console as a process: database, follower and web server in one, ended by SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable

import structlog

from lazaretto.config import Config, host_port
from lazaretto.errors import ConfigError, Problem

log = structlog.get_logger("console")

_LAST_WORDS = 5.0  # seconds that open answers get when the console ends


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def serve(config: Config, say: Callable[[str], None] = say) -> None:
    """Runs until SIGTERM or SIGINT.  Says ``console ready on http://...`` once it accepts.

    Raises ConfigError when the address cannot be listened on, ControlError when another console uses the database."""
    from lazaretto.console.settings import configure, folder

    configure(config)
    from lazaretto.console import control
    from lazaretto.console.accounts import ensure_first_user
    from lazaretto.console.follower import Follower, only_one

    host, port = host_port(config.console.listen)
    with only_one(folder(config)):
        host, port = _free(host, port)
        password = ensure_first_user(config)
        if password:
            say(f"console login: admin, password: {password} (shown once; a new one: lazaretto console password)")
        follower = Follower(config)
        follower.start()
        try:
            asyncio.run(_serve(host, port, lambda: say(f"console ready on http://{_written(host, port)}/")))
        finally:
            follower.stop()
            control.close()


async def _serve(host: str, port: int, ready: Callable[[], None]) -> None:
    from django.core.asgi import get_asgi_application
    from granian.constants import Interfaces
    from granian.server.embed import Server

    server = Server(
        get_asgi_application(),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    running = asyncio.create_task(server.serve())
    ending = asyncio.create_task(over.wait())
    await _accepting(host, port, running)
    if not running.done():
        ready()
    await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
        raise ConfigError(Problem(None, None, f"the web server on {host}:{port} ended by itself", "see the log"))
    server.stop()
    try:
        await asyncio.wait_for(running, _LAST_WORDS)
    except TimeoutError:
        log.warning("the web server did not end in time")


async def _accepting(host: str, port: int, running: asyncio.Task[None]) -> None:
    """Waits until the server accepts, or has failed."""
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return


def _free(host: str, port: int) -> tuple[str, int]:
    """The numbers behind host and port, once it is sure that nobody listens there: the web server would share
    a port that is taken (SO_REUSEPORT), and an operator wants to be told.  Raises ConfigError."""
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            name = probe.getsockname()
            return str(name[0]), int(name[1])
    except OSError as error:
        raise ConfigError(
            Problem(
                None,
                None,
                f"console.listen: cannot listen on {_written(host, port)}: {error.strerror}",
                "end what uses the port, or choose another one",
            )
        ) from None


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
