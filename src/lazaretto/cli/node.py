"""``lazaretto node``: one node in the foreground."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from lazaretto.cli.config import problems
from lazaretto.cli.options import ConfigFile, loaded
from lazaretto.config import Loaded
from lazaretto.errors import ConfigError


def node(*, config: ConfigFile = None) -> int:
    """Run one node: doors, workers, quarantine.

    Prints "ready" once every door accepts.  SIGTERM ends it after running transactions, SIGHUP reads policy and
    patterns anew.
    """
    import uvloop

    current = loaded(config)
    configure_logs(current.config.log_level)
    return uvloop.run(_serve(current))


async def _serve(current: Loaded) -> int:
    from lazaretto.node import Node

    try:
        running = Node(current)
    except ConfigError as error:  # the first of perhaps many: tell them all
        raise ConfigError(*dict.fromkeys([*error.problems, *problems(current)])) from None
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    started = asyncio.Event()
    reloads: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        await started.wait()  # what comes before must neither be lost nor end the process
        await running.reload()

    def soon() -> None:
        task = loop.create_task(reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, soon)
    await running.start()
    started.set()
    print("ready", flush=True)
    await stop.wait()
    await running.stop()
    return 0


def configure_logs(level: str) -> None:
    """Plain lines on standard error: coloured for a terminal, key=value for journald and files."""
    import structlog

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
    ]
    tail: list[structlog.typing.Processor]
    if sys.stderr.isatty():
        tail = [structlog.processors.TimeStamper("%H:%M:%S"), structlog.dev.ConsoleRenderer()]
    else:
        tail = [structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer(key_order=["level", "event"])]
    structlog.configure(
        processors=[*shared, *tail],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
