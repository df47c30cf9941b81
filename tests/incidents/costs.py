"""What one inspection costs, measured in a process of its own."""

from __future__ import annotations

import gc
import json
import os
import resource
import time
from functools import cache
from pathlib import Path

from lazaretto import config, testing
from lazaretto.inspection import Inspector
from lazaretto.model import Kind

TOP = b"From: a@example.org\nTo: b@example.net\nSubject: x\nMIME-Version: 1.0\n"


@cache
def inspector() -> Inspector:
    made = Inspector(config.load(None, {}))
    made.inspect(TOP + b"\nx", testing.envelope())
    return made


def cost(raw: bytes) -> tuple[float, int, dict[str, str], list[str]]:
    """Seconds of processor time, bytes of memory above those that were in use, and names and kinds of the findings, of
    one inspection in a process of its own."""
    inspector()
    reads, writes = os.pipe()
    if not (child := os.fork()):
        try:
            gc.freeze()  # as in a worker: else the collector walks through all that the tests before have left
            before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
            started = time.process_time()
            result = inspector().inspect(raw, testing.envelope())
            seconds = time.process_time() - started
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
            names = {finding.name: str(finding.kind) for finding in result.findings}
            failed = [str(finding.evidence) for finding in result.findings if finding.kind is Kind.FAILED]
            os.write(writes, json.dumps((seconds, memory, names, failed)).encode())
        finally:
            os._exit(0)
    os.close(writes)
    with open(reads, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    assert told, "the process died"
    return tuple(json.loads(told))
