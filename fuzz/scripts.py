# Invariant: any text as JavaScript, VBScript, PowerShell, batch, a page or a shortcut gives findings of the engine
# "scripts" and members of the unpacker "deobfuscated"; never an exception, a hang, or more text than is allowed.
"""Scripts, through their engine and their unpacker."""

from __future__ import annotations

from functools import cache
from itertools import islice

from tests.engines.scripts import samples

from lazaretto.engines.scripts import Scripts
from lazaretto.plugin import Member
from lazaretto.scripting import analysis
from lazaretto.testing import artifact
from lazaretto.unpack.deobfuscated import Deobfuscated

SEEDS = (
    *(data for _, data in samples.scripts()),
    *(data for _, data in islice(samples.smuggling(), 0, None, 5)),
    *(data for _, data in samples.links()),
)
_LONGEST = 2**22


@cache
def engine() -> Scripts:
    return Scripts(Scripts.Settings())


@cache
def unpacker() -> Deobfuscated:
    return Deobfuscated(Deobfuscated.Settings())


def target(data: bytes) -> None:
    for kind in (
        "text/javascript",
        "text/vbscript",
        "text/x-powershell",
        "text/x-msdos-batch",
        "text/html",
        analysis.SHORTCUT,
    ):
        one = artifact(data, type=kind)
        for member in unpacker().unpack(one):
            assert isinstance(member, Member)
            assert sum(map(len, member.chunks)) <= _LONGEST
        for finding in engine().inspect(one):
            assert len(finding.evidence) < 40
