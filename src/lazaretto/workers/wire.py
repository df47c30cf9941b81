"""What travels between the pool, its nursery and its workers.

All sockets are SOCK_SEQPACKET pairs: one packet is one message, so there is nothing to frame, and the pool can
always send a whole request without waiting (a worker has one at a time).

Down to a worker goes one packet: the length of the request's msgpack, then request and raw message.  When both
are more than INLINE, the packet is that length alone and carries a sealed memory file with them: one copy into
it, one copy out of it, whatever the size, and the worker's socket never fills.

Up from a worker come packets of at most CHUNK bytes after a first byte that says whether more follow.  No file
descriptor is ever accepted from a worker, nor could it make one: it may not write files, which are what memory
files are.  Whoever speaks there may be an exploit, so replies are decoded strictly by type and bounded in size.
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import socket
import struct

import msgspec

from lazaretto.errors import Problem
from lazaretto.model import Artifact, Envelope, Inspection, Preview, Treatment, Verdict
from lazaretto.results.recall import News

INLINE = 64 * 1024  # bytes; above it a memory file is cheaper than a copy through the socket (bench/workers.py)
CHUNK = 128 * 1024  # fits the kernel's default send buffer (net.core.wmem_default, 212992)
_HEAD = struct.Struct("<I")
_MORE, _LAST = b"\0", b"\1"
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
_FDS = 4  # more than any of our packets carries


# ---------------------------------------------------------------------------- pool to worker


class Inspect(msgspec.Struct, tag=True, array_like=True):
    envelope: Envelope | None
    name: str
    words: tuple[str, ...] = ()


class Treat(msgspec.Struct, tag=True, array_like=True):
    verdict: Verdict
    inspection: Inspection


class Look(msgspec.Struct, tag=True, array_like=True):
    """Asks for a preview."""


Request = Inspect | Treat | Look


# ---------------------------------------------------------------------------- worker to pool


class Ready(msgspec.Struct, tag=True, array_like=True):
    """The sandbox is closed; ``resident`` bytes of memory in use."""

    resident: int
    sandbox: tuple[str, ...]


class Answer(msgspec.Struct, tag=True, array_like=True):
    """What the request asked for: an Inspection, a Treatment or a Preview."""

    resident: int
    result: msgspec.Raw
    news: News = News()


class Failure(msgspec.Struct, tag=True, array_like=True):
    """The task raised; ``memory``: because there was no more memory to be had."""

    resident: int
    memory: bool
    detail: str


class Hand(msgspec.Struct, tag=True, array_like=True):
    """Before the answer: something that these engines are to have judged by another program."""

    engines: tuple[str, ...]
    paths: tuple[str, ...]  # of all that have this content and name
    name: str
    media_type: str
    data: bytes


Reply = Ready | Hand | Answer | Failure


# ---------------------------------------------------------------------------- pool to nursery and back


class Spawn(msgspec.Struct, tag=True, array_like=True):
    """Fork a worker that serves the socket that comes with this."""

    serial: int


class Loaded(msgspec.Struct, tag=True, array_like=True):
    """What was loaded comes in a memory file: there may be many lines."""

    version: str


class Stock(msgspec.Struct, array_like=True, frozen=True):
    """What the workers work with, in lines for people."""

    patterns: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


class Refused(msgspec.Struct, tag=True, array_like=True):
    """The configuration cannot be used; the problems come in a memory file."""


class Broken(msgspec.Struct, tag=True, array_like=True):
    """Loading raised something that is no ConfigError: our bug."""

    detail: str


class Born(msgspec.Struct, tag=True, array_like=True):
    """Comes with a pidfd."""

    serial: int
    pid: int


class Stillborn(msgspec.Struct, tag=True, array_like=True):
    serial: int
    detail: str


class Gone(msgspec.Struct, tag=True, array_like=True):
    """``status`` as of waitpid, decoded: an exit code, or the negative number of a signal."""

    serial: int
    status: int


Report = Loaded | Refused | Broken | Born | Stillborn | Gone


def clean(text: str) -> str:
    """Text that can be sent: file names may hold bytes that are no characters, and msgpack takes UTF-8 only."""
    return text.encode(errors="replace").decode()


class Flaw(msgspec.Struct, array_like=True):
    """A Problem whose path is text."""

    file: str | None
    line: int | None
    what: str
    remedy: str

    @classmethod
    def of(cls, problem: Problem) -> Flaw:
        file = clean(str(problem.file)) if problem.file else None
        return cls(file, problem.line, clean(problem.what), clean(problem.remedy))


# ---------------------------------------------------------------------------- codecs

# Made once: a msgspec codec has no state, and its decoders are strict about every type.
encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode
decode_spawn = msgspec.msgpack.Decoder(Spawn).decode
decode_report = msgspec.msgpack.Decoder(Report).decode
decode_stock = msgspec.msgpack.Decoder(Stock).decode
decode_flaws = msgspec.msgpack.Decoder(list[Flaw]).decode
decode_inspection = msgspec.msgpack.Decoder(Inspection).decode
decode_treatment = msgspec.msgpack.Decoder(Treatment).decode
decode_preview = msgspec.msgpack.Decoder(Preview).decode


# ---------------------------------------------------------------------------- requests


def send_request(sock: socket.socket, request: bytes, raw: bytes) -> None:
    """Raises OSError: BrokenPipeError when the worker is gone, others when no memory file can be made."""
    head = _HEAD.pack(len(request))
    if len(request) + len(raw) <= INLINE:
        sock.sendmsg((head, request, raw))
        return
    sheet = sealed(request, raw)
    try:
        send_with_fd(sock, head, sheet)
    finally:
        os.close(sheet)


def receive_request(sock: socket.socket, buffer: bytearray) -> tuple[Request, bytes] | None:
    """The next request and its raw message, None at the end.  ``buffer`` holds at least one packet."""
    count, fds = receive_into(sock, buffer)
    if not count:
        return None
    (length,) = _HEAD.unpack_from(buffer)
    if fds:
        request, raw = read_sealed(fds[0], length)
    else:
        packet = memoryview(buffer)[_HEAD.size : count]
        request, raw = bytes(packet[:length]), bytes(packet[length:])
    return decode_request(request), raw


# ---------------------------------------------------------------------------- replies


def hand(engines: tuple[str, ...], paths: tuple[str, ...], artifact: Artifact) -> bytes:
    return encode(Hand(engines, paths, clean(artifact.name), artifact.type, artifact.data))


def send_reply(sock: socket.socket, reply: bytes) -> None:
    """On a blocking socket."""
    view = memoryview(reply)
    for start in range(0, len(reply), CHUNK):
        last = start + CHUNK >= len(reply)
        sock.sendmsg((_LAST if last else _MORE, view[start : start + CHUNK]))


def split_chunk(packet: memoryview) -> tuple[bytes, bool]:
    """A packet of a reply: its bytes, and whether it is the last."""
    return bytes(packet[1:]), packet[:1] == _LAST


# ---------------------------------------------------------------------------- memory files and descriptors


def sealed(*pieces: bytes) -> int:
    """A memory file with these bytes that nobody can change, grow or shrink any more.  Raises OSError."""
    sheet = os.memfd_create("lazaretto", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(sheet, view) :]
        fcntl.fcntl(sheet, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(sheet)
        raise
    return sheet


def read_sealed(sheet: int, first: int = 0) -> tuple[bytes, bytes]:
    """The first bytes and the rest; closes the file.  Read and not mapped: parsers want real ``bytes``, and this
    copy out of the file is then the only one."""
    try:
        size = os.fstat(sheet).st_size
        return _read_exactly(sheet, first, 0), _read_exactly(sheet, size - first, first)
    finally:
        os.close(sheet)


def _read_exactly(sheet: int, count: int, offset: int) -> bytes:
    data = os.pread(sheet, count, offset)
    while len(data) < count:  # only beyond 2 GiB, which is the most that one read gives
        more = os.pread(sheet, count - len(data), offset + len(data))
        if not more:
            raise OSError(errno.EIO, "a memory file is shorter than it says")
        data += more
    return data


def send_with_fd(sock: socket.socket, packet: bytes, fd: int) -> None:
    sock.sendmsg((packet,), [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])


def receive_into(sock: socket.socket, buffer: bytearray) -> tuple[int, list[int]]:
    """Length of the next packet (0 at the end) and the descriptors that came with it."""
    count, ancillary, _, _ = sock.recvmsg_into((buffer,), socket.CMSG_SPACE(_FDS * 4), socket.MSG_CMSG_CLOEXEC)
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return count, list(fds)
