"""``lazaretto up``: keeps the node and the console running, in processes of their own.

A child that ends is started again, with a growing pause when it keeps ending.  A node that cannot start at all
ends the whole thing, since nobody is helped by trying again; mail does not depend on the console, which may come
and go.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import structlog

log = structlog.get_logger()

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before the next start; the last one repeats
STEADY = 60.0  # seconds after which a child counts as running well
LONGEST_LINE = 2**20  # bytes of one line that a child may print
PATIENCE = 45.0  # seconds for a child to end when asked to; a node drains for up to 30

_PR_SET_PDEATHSIG = 1  # prctl(2)


class Child:
    """One kept process.  ``settled`` is set when it has printed its line of readiness, or has failed to."""

    def __init__(
        self, name: str, command: Sequence[str], ready_when: str, say: Callable[[str], None], *, vital: bool
    ) -> None:
        self.name = name
        self.settled = asyncio.Event()
        self._vital, self._ready = vital, False
        self._command, self._ready_when, self._say = command, ready_when, say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def keep(self) -> int:
        """Runs until stopped.  Returns the exit status when it is vital and fails before it was ever ready, else 0."""
        failures = 0
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            status = await self._run()
            if self._stopping.is_set():
                break
            if self._vital and not self._ready:
                return status or 1
            self.settled.set()
            failures = 0 if asyncio.get_running_loop().time() - began > STEADY else failures + 1
            pause = PAUSES[min(failures, len(PAUSES)) - 1] if failures else PAUSES[0]
            log.error("ended unexpectedly, starting it again", process=self.name, status=status, seconds=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        return 0

    async def stop(self) -> None:
        """Asks it to end, and ends it when it does not."""
        self._stopping.set()
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE)
        except TimeoutError:
            log.error("did not end in time, killed", process=self.name)
            self._process.kill()
            await self._process.wait()

    async def _run(self) -> int:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            preexec_fn=_die_with_parent,
            limit=LONGEST_LINE,
        )
        if self._stopping.is_set():  # while it was being made, and stop() found nothing to end
            process.terminate()
        async for line in cast(asyncio.StreamReader, process.stdout):
            text = line.decode("utf-8", "replace").rstrip()
            if text.startswith(self._ready_when):
                self._ready = True
                self.settled.set()
            if text != "ready":
                self._say(text)
        return await process.wait()


def _die_with_parent() -> None:
    """A supervisor that is killed leaves no orphan behind: the child is asked to end (prctl(2))."""
    with contextlib.suppress(OSError):  # another system than Linux: an orphan is a nuisance, not a danger
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


async def supervise(file: Path | None, *, console: bool, say: Callable[[str], None]) -> int:
    """Runs node and console until SIGTERM or SIGINT; says ``ready`` once both are.  Returns the exit status."""
    options = ["--config", str(file)] if file else []
    children = [Child("node", [sys.executable, "-m", "lazaretto", "node", *options], "ready", say, vital=True)]
    if console:
        command = [sys.executable, "-m", "lazaretto", "console", *options]
        children.append(Child("console", command, "console ready", say, vital=False))
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: _pass_on(children[0], signal.SIGHUP))
    keeping = [asyncio.create_task(child.keep()) for child in children]
    announcing = asyncio.create_task(_announce(children, say))
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait([*keeping, waiting], return_when=asyncio.FIRST_COMPLETED)
    announcing.cancel()
    waiting.cancel()
    await asyncio.gather(*(child.stop() for child in reversed(children)))
    return max(await asyncio.gather(*keeping))


async def _announce(children: Sequence[Child], say: Callable[[str], None]) -> None:
    for child in children:
        await child.settled.wait()
    say("ready")


def _pass_on(child: Child, number: signal.Signals) -> None:
    if child.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)
