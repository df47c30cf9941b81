"""What libraries keep back of a file whose header lies about its size, or whose data is damaged.

libarchive gives nothing of a RAR 5 block that is longer than its file, and keeps up to 128 KiB of a RAR 4 file that
ends early; unarr cannot say how much of a piece it could read.  Other readers write all of it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from lazaretto.errors import HostileInput, Malformed

BUFFER = 128 * 1024  # bytes that libarchive collects of a RAR 4 file before it gives any
_SEARCHED = 4 << 20  # bytes of a file for which the end is searched; it is decompressed once for each bit of BUFFER
_SECONDS = 1.0  # for searching; hostile filters make a file of four bytes last a second

Sized = Callable[[int], Iterator[bytes]]  # the file, as if its header said this size


def whole(chunks: Iterator[bytes], retry: Callable[[int], Iterator[bytes]]) -> Iterator[bytes]:
    """The chunks; where they fail, what ``retry`` finds behind as many bytes as there were, and then the failure."""
    done = 0
    try:
        for chunk in chunks:
            done += len(chunk)
            yield chunk
    except Malformed as error:
        with contextlib.suppress(HostileInput):
            yield from retry(done)
        raise error from None


def behind(chunks: Iterator[bytes], done: int) -> Iterator[bytes]:
    """Without what was given before."""
    for chunk in chunks:
        if len(chunk) > done:
            yield chunk[done:]
        done -= min(done, len(chunk))


def ending(sized: Sized, done: int, size: int) -> Iterator[bytes]:
    """What is between ``done`` and the true end, which lies less than BUFFER further: up to there, as many bytes come
    out as are asked for."""
    low, high = done, min(size, done + BUFFER)
    if done > _SEARCHED:
        return
    started = time.monotonic()
    while low < high and time.monotonic() - started < _SECONDS:
        middle = (low + high + 1) // 2
        if _count(sized(middle)) >= middle:
            low = middle
        else:
            high = middle - 1
    if low > done:
        yield from behind(sized(low), done)


def _count(chunks: Iterator[bytes]) -> int:
    count = 0
    with contextlib.suppress(HostileInput):
        for chunk in chunks:
            count += len(chunk)
    return count
