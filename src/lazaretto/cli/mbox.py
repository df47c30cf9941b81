"""Reading an mbox file message by message, without loading it whole."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

_START = re.compile(rb"(?:\A|\r?\n\r?\n)From [^\r\n]*\r?\n")
_LAST = re.compile(rb"\r?\n\r?\n\Z")  # the empty line that belongs to the format stands after the last message too
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def messages(path: Path) -> Iterator[bytes]:
    """Each message without its "From " line; a quoted ">From " line loses one ">" (mboxrd, the reading that
    loses nothing).  A "From " line counts only after an empty line (RFC 4155, appendix A)."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        begin: int | None = None
        for start in _START.finditer(content):
            if begin is not None:
                yield _QUOTED.sub(rb"\1", content[begin : _line_end(content, start.start())])
            begin = start.end()
        if begin is not None:
            end = len(content)
            if last := _LAST.search(content, max(begin, end - 4)):
                end = _line_end(content, last.start())
            yield _QUOTED.sub(rb"\1", content[begin:end])


def _line_end(content: mmap.mmap, position: int) -> int:
    """The message ends with its own line end; the empty line after it belongs to the mbox format."""
    return position + (2 if content[position : position + 2] == b"\r\n" else 1)
