"""The console as a process: database, follower and web server in one, ended by SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lazaretto.config import Config
from lazaretto.endpoint import bind

_LAST_WORDS = 5  # seconds that open answers get when the console ends


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

    with only_one(folder(config)), bind(config.console.listen, "console").socket as door:
        password = ensure_first_user(config)
        if password:
            say(f"console login: admin, password: {password} (shown once; a new one: lazaretto console password)")
        follower = Follower(config)
        follower.start()
        try:
            asyncio.run(_serve(door, lambda: say(f"console ready on http://{_written(*door.getsockname()[:2])}/")))
        finally:
            follower.stop()
            control.close()


async def _serve(door: socket.socket, ready: Callable[[], None]) -> None:
    import uvicorn
    from django.core.asgi import get_asgi_application

    class Server(uvicorn.Server):
        """Signals are ours: uvicorn would raise them again at its end, and SIGTERM is a clean end."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    settings = uvicorn.Config(
        get_asgi_application(),
        lifespan="off",
        ws="none",
        proxy_headers=False,  # throttling counts by the address that really called
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_LAST_WORDS,
    )
    server = Server(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    await server.serve([door])


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
