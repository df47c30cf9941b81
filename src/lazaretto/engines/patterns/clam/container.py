"""ClamAV's ``.cvd .cld .cud``: a header of 512 bytes, then a tar archive.

Source: ClamAV documentation, "Database info".  The MD5 of the archive is compared with the header's.  Its signature is
NOT verified: whoever can write into the folder of patterns is trusted, as with every other file there.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = 512
LARGEST = 2 << 30  # bytes of all members
MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class Header:
    time: str
    version: int
    signatures: int
    level: int
    md5: str
    builder: str


def header(content: bytes) -> Header:
    """ValueError when it is none."""
    fields = content[:HEADER].decode("latin-1").split(":")
    if len(content) < HEADER or fields[0] != "ClamAV-VDB" or len(fields) < 8:
        raise ValueError("no header of a ClamAV database")
    try:
        version, signatures, level = map(int, fields[2:5])
    except ValueError:
        raise ValueError("the header of the database is damaged") from None
    return Header(fields[1], version, signatures, level, fields[5], fields[7])


def members(content: bytes, sealed: bool) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file.  ``sealed``: the MD5 must be right (a ``.cvd``)."""
    about = header(content)
    archive = content[HEADER:]
    if sealed and hashlib.md5(archive, usedforsecurity=False).hexdigest() != about.md5:
        raise ValueError("the MD5 in its header is not that of its archive")
    stream = gzip.GzipFile(fileobj=io.BytesIO(archive)) if archive[:2] == b"\x1f\x8b" else io.BytesIO(archive)
    left = LARGEST
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for number, member in enumerate(tar):
                if number >= MEMBERS or member.size > left:
                    raise ValueError(f"more than {MEMBERS} members or {LARGEST} bytes")
                left -= member.size
                file = tar.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield member.name, file.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"the archive cannot be read: {error}") from None
