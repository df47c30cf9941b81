"""Items out of an open container, one after the other, as they are asked for.

7-Zip pushes and our callers pull: it runs in a thread of its own that waits whenever a few chunks have not been taken.
All items come in one run, so that a solid archive is decoded once.  An item that is not read to its end is still
decoded to reach the next, up to a limit; closing stops 7-Zip at its next call to us.
"""

from __future__ import annotations

import ctypes
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from ctypes import c_int32, c_uint32, c_void_p
from typing import TYPE_CHECKING

from lazaretto.errors import HostileInput, LimitExceeded, Malformed
from lazaretto.unpack.sevenzip.com import EXTRACT_CALLBACK, OUT_OF_MEMORY
from lazaretto.unpack.sevenzip.library import Library
from lazaretto.unpack.sevenzip.streams import Extracting

if TYPE_CHECKING:
    from lazaretto.unpack.sevenzip.archive import Archive

AHEAD = 4  # chunks that may wait
MOST_UNREAD = 128 << 20  # bytes that are decoded only to get to the next item
MOST_AT_ONCE = 64 << 20  # bytes out of one container, where no thread can be had
PROOF = 16 << 20  # bytes that come out of what a word opened
QUIET = 10.0  # seconds without a byte
_PATIENCE = 5.0  # seconds until a thread that does not stop is left to itself

# NOperationResult, in its order.
OK, METHOD, DATA, CHECKSUM, UNAVAILABLE, EARLY, AFTER, NO_ARCHIVE, HEADERS, PASSWORD = range(10)
WORDS = (
    "ok",
    "unsupported method",
    "damaged data",
    "wrong checksum",
    "not available",
    "it ends early",
    "data after its end",
    "not an archive",
    "damaged headers",
    "wrong password",
)

_Event = tuple[int, bytes, int | None]


class Extraction:
    """Iterate over it: pairs of an index and its chunks.  ``results`` has what 7-Zip says about each finished item,
    ``code`` what it says in the end."""

    def __init__(self, library: Library, archive: Archive, indices: Sequence[int], word: str | None) -> None:
        self.results: dict[int, int] = {}
        self.code: int | None = None
        self.unread = 0
        self._events: queue.Queue[_Event] = queue.Queue(AHEAD)
        self._skipped = -1  # the item that nobody wants any more
        self._room: int | None = None  # bytes that may still be kept, where there is no thread
        self._stop = threading.Event()
        self._callback = Extracting(library, word, self._hand, self._skip)
        self._archive = archive
        self._indices = (c_uint32 * len(indices))(*indices)
        self._thread = threading.Thread(target=self._run, name="7-Zip", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # a sandbox without seccomp forbids threads: all at once then, as far as it goes
            self._room = MOST_AT_ONCE
            self._events = queue.Queue()
            self._run()

    @property
    def asked(self) -> bool:
        """Whether a password was wanted."""
        return self._callback.asked

    @property
    def complaints(self) -> list[int]:
        """Results that concern more than one item, and are no good news."""
        return sorted(self._callback.complaints - {OK, AFTER})

    def __enter__(self) -> Extraction:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Each item is read, or left, before the next is asked for."""
        while (event := self._next()) is not None:
            index = event[0]
            self._note(event)
            yield index, self._chunks(event)
            self._skipped = index
            while index not in self.results and (rest := self._next()) is not None:
                self._note(rest)

    def close(self) -> None:
        """Stops 7-Zip."""
        self._stop.set()
        self._callback.stopped = True
        self._archive.source.stopped = True
        deadline = time.monotonic() + _PATIENCE
        while self._thread.is_alive() and time.monotonic() < deadline:
            self._drain()
            self._thread.join(0.01)
        if self._thread.is_alive():  # it still uses what would be given back: better lost
            raise LimitExceeded("seconds", "7-Zip does not stop")
        self._archive.source.stopped = False
        self._callback.retire()

    def _drain(self) -> None:
        while True:
            try:
                self._events.get_nowait()
            except queue.Empty:
                return

    def _chunks(self, event: _Event) -> Iterator[bytes]:
        index = event[0]
        while True:
            self._note(event)
            if event[1]:
                yield event[1]
            if event[2] is not None:
                if event[2] not in (OK, AFTER, METHOD, PASSWORD):  # those two are told of all items together
                    raise Malformed(f"7-Zip: {said(event[2])}")
                return
            following = self._next()
            if following is None:
                raise self.trouble()
            event = following
            if event[0] != index:  # cannot be: every item ends with its result
                raise Malformed("items out of order")

    def trouble(self) -> HostileInput:
        """What ended the extraction before its end."""
        if self._room is not None and self._room < 0:
            return LimitExceeded("threads", f"more than {MOST_AT_ONCE} bytes, and no thread to decode them in")
        if self.unread > MOST_UNREAD:
            return LimitExceeded("ratio", "too much to decode that nobody reads")
        if self.code in OUT_OF_MEMORY:
            return LimitExceeded("memory", "7-Zip has not enough memory to decode it")
        return Malformed(f"7-Zip: extraction ended early, {(self.code or 0) & 0xFFFFFFFF:#x}")

    def _note(self, event: _Event) -> None:
        if event[2] is not None:
            self.results[event[0]] = event[2]

    def _next(self) -> _Event | None:
        """The next event; None at the end."""
        try:
            event = self._events.get(timeout=QUIET)
        except queue.Empty:
            self._callback.stopped = True
            raise LimitExceeded("artifact_seconds", f"7-Zip gave nothing for {QUIET:g} seconds") from None
        if event[0] >= 0:
            return event
        self._events.put(event)  # whoever asks again is told again
        return None

    # ------------------------------------------------------------------------ in the thread

    def _run(self) -> None:
        types = (c_void_p, c_uint32, c_int32, c_void_p)
        try:
            self.code = self._archive.native.call(
                7,
                types,
                ctypes.addressof(self._indices),
                len(self._indices),
                0,
                self._callback.pointer(EXTRACT_CALLBACK),
            )
        finally:
            self._hand(-1, b"", None)

    def _hand(self, index: int, content: bytes, result: int | None) -> bool:
        """Waits until there is room; False when it is to stop."""
        if self._room is not None:
            self._room -= len(content)
            self._events.put((index, content, result))
            return self._room >= 0
        while not self._stop.is_set():
            try:
                self._events.put((index, content, result), timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def _skip(self, index: int, size: int) -> bool | None:
        """Whether nobody wants this item; None when it is time to give up."""
        if index != self._skipped:
            return False
        self.unread += size
        return True if self.unread <= MOST_UNREAD else None


def ends(chunks: Iterator[bytes], packed: int) -> bool:
    """For trying a word: reads all, or as much as proves it.  What is more than it was packed into has been
    decompressed, and what a wrong word makes of packed data is hardly ever decompressed for so long."""
    done = 0
    for chunk in chunks:
        done += len(chunk)
        if done > max(packed, PROOF):
            return False
    return True


def said(result: int) -> str:
    return WORDS[result] if result < len(WORDS) else f"result {result}"
