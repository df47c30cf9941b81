# Invariant: any line gives a signature, Unsupported or ValueError, at once; what is a signature looks through any
# content within its budget, and any file of a set is told about line by line.
"""The parsers of ClamAV's formats, and what they make of content."""

from __future__ import annotations

from lazaretto.engines.patterns.clam import logical
from lazaretto.engines.patterns.clam.database import Database
from lazaretto.engines.patterns.clam.logical import Signature
from lazaretto.engines.patterns.clam.occurrences import ExhaustedError
from lazaretto.engines.patterns.clamav import SUFFIXES, Reading

CONTENT = b"abcd" * 500 + b"\r\nab cd num=123; " + bytes(range(256)) * 4 + b"a" * 3000

SEEDS = (
    b"A:0:*:61626364",
    b"A:1:EP+0,4:6162{1-3}6364*6566??61(62|63)64!(61|62)",
    b"A:0:EOF-10,5:(B)6162(L)6364(W)[1-4]",
    b"A;Engine:81-255,Target:0,FileSize:1-9000;(0|1)>2,1&2=0;6162::iwfa;0,9:6364;6e756d3d",
    b"A;Target:0;0&1&2;6e756d3d;0(>>4#db3#>99,<250);0/num=[0-9]+/gis",
    b"A;Target:0;0=0;6161616161616161*6161{-3}6161",
    b"d41d8cd98f00b204e9800998ecf8427e:0:Name-1-0:73",
    b"ClamAV-VDB:24 Nov 2026:7:2:90:d41d8cd98f00b204e9800998ecf8427e:s:b:1".ljust(512) + b"\x1f\x8b\x08\0",
    b"A\nB:d41d8cd98f00b204e9800998ecf8427e\n:\n",
)


def target(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for line in text.split("\n")[:20]:
        for parse in (logical.extended, logical.logical):
            try:
                signature = parse(line)
            except ValueError:
                continue
            _search(signature)
    for suffix in SUFFIXES:
        for outcome in Reading(unwanted=True).read(f"x{suffix}", data):
            assert outcome.count >= 0


def _search(signature: Signature) -> None:
    try:
        for hit in Database([signature]).match(CONTENT, "application/octet-stream"):
            assert hit.name == signature.name
    except ExhaustedError:
        pass
