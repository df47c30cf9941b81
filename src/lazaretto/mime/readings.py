"""How else a message may be read, by whom, and what gives it away: the theory of ambiguity, in one table.

The standard reading is that of RFC 5322 and RFC 2045-2049 with the first of two contradicting fields, as most mail
programs have it.  Every other row of ``RIVALS`` is a way in which somebody reads the same bytes differently.  It is
tried only where the standard reading has met one of the defects in its ``when``: a mail without defects has one
reading and costs nothing more.  How bodies may be decoded differently stands in ``transfer.py``, which fields and
parameters compete in ``content.py`` and ``boundary.py``.

A rival with ``readers`` is *plausible*: it is what a known program shows, so policy may act on the difference.  One
without is only a precaution: what it finds is inspected, but nobody is blamed for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Final, NamedTuple

from lazaretto.mime import defects

MAX_BOUNDARIES: Final = 8  # readings of one boundary that are followed

# The look-behind keeps it linear: a run of CR is looked at once, from its beginning.  It stands behind a literal,
# because a search for a literal is quick.
BARE_CR: Final = re.compile(rb"\r(?<!\r\r)\r*+(?!\n)")
MAX_BARE_CR: Final = 500_000  # runs of bare CR that are rewritten
_CONTROLS: Final = b"\0\x0b\x0c"


def cr_as_line_end(raw: bytes) -> bytes:
    """Every CR that no LF follows becomes one; all offsets stay.  The first MAX_BARE_CR of them."""
    rewritten = bytearray(raw)
    for bare in islice(BARE_CR.finditer(raw), MAX_BARE_CR):
        rewritten[bare.start() : bare.end()] = b"\n" * (bare.end() - bare.start())
    return bytes(rewritten)


def first_cr_as_line_end(raw: bytes) -> bytes:
    """The first CR of CR CR LF becomes a line end; all offsets stay."""
    return raw.replace(b"\r\r\n", b"\n\r\n")


def without_controls(raw: bytes) -> bytes:
    """NUL, vertical tab, form feed and bare CR (the first MAX_BARE_CR of them) are not there."""
    kept, at = bytearray(), 0
    for bare in islice(BARE_CR.finditer(raw), MAX_BARE_CR):
        kept += raw[at : bare.start()]
        at = bare.end()
    kept += memoryview(raw)[at:]
    kept = kept.translate(None, _CONTROLS)
    return bytes(kept)


def many_bare_cr(raw: bytes) -> bool:
    """Whether more of them stand there than are rewritten."""
    return next(islice(BARE_CR.finditer(raw), MAX_BARE_CR, None), None) is not None


class Reading(NamedTuple):
    """One way to read a message; the flags say where it leaves the standard one."""

    name: str
    when: frozenset[str] = frozenset()  # defects of the standard reading that call for it
    readers: str = ""  # who reads it so
    last_field: bool = False  # of two fields of a name the last counts
    boundary: int = 0  # which of the candidates of ``boundary.candidates``; the last if there are fewer
    junk_ends: bool = False  # a line that is no field to the letter of RFC 5322, 2.2 ends the header
    junk_skipped: bool = False  # only an empty line ends the header
    blank_ends: bool = False  # a line of blanks ends the header
    prefix: bool = False  # a line that begins with the delimiter is one
    observed: bool = False  # lines that look like delimiters are, whatever the fields say
    rewrite: Callable[[bytes], bytes] | None = None  # what the reader does to the bytes first

    @property
    def plausible(self) -> bool:
        return bool(self.readers)


STANDARD: Final = Reading("standard", readers="RFC 5322, RFC 2046; the first of two fields: Thunderbird, Outlook")

_BOUNDARIES = frozenset({defects.ODD_BOUNDARY, defects.DUPLICATE_PARAMETER, defects.DUPLICATE_FIELD})
_UNSTRUCTURED = frozenset(
    {defects.NO_BOUNDARY, defects.NO_DELIMITER, defects.BAD_TYPE, defects.ODD_FIELD, defects.STRAY_BOUNDARY}
)

RIVALS: Final = (
    Reading("last-field", frozenset({defects.DUPLICATE_FIELD}), "mutt, munpack, ripmime", last_field=True),
    *(
        Reading(
            f"boundary-{number + 1}",
            _BOUNDARIES,
            "Apple Mail (the last one), Outlook (without comments), readers without RFC 2231",
            boundary=number,
        )
        for number in range(1, MAX_BOUNDARIES)
    ),
    # RFC 5322, 4.2: a line of blanks continues the field, but who strips lines first sees the empty one.
    Reading("blank-ends-header", frozenset({defects.BLANK_LINE}), "readers that strip lines first", blank_ends=True),
    Reading(
        "junk-ends-header",
        frozenset({defects.JUNK_LINE, defects.NO_SEPARATOR, defects.ODD_FIELD, defects.FIELD_NAME}),
        "Postfix, Python",
        junk_ends=True,
    ),
    Reading(
        "junk-skipped",
        frozenset({defects.JUNK_LINE, defects.NO_SEPARATOR}),
        "munpack, ripmime",
        junk_skipped=True,
    ),
    # RFC 2046, 5.1.1: "it is sufficient that the boundary appear in its entirety following the CRLF".
    Reading("prefix", frozenset({defects.NEAR_DELIMITER}), "RFC 2046, munpack, ripmime", prefix=True),
    # Python's email sees an empty line in CR CR LF; nobody shows mail so whose lines all end in it.
    Reading("cr-before-crlf", frozenset({defects.DOUBLE_CR}), rewrite=first_cr_as_line_end),
    Reading(
        "cr-line-end",
        frozenset({defects.BARE_CR, defects.HIDDEN_DELIMITER}),
        "Python, munpack, ripmime",
        rewrite=cr_as_line_end,
    ),
    Reading(
        "controls-dropped",
        frozenset({defects.BARE_CR, defects.CONTROLS}),
        "munpack, ripmime",
        rewrite=without_controls,
    ),
    Reading("observed", _UNSTRUCTURED, "ripmime, UUDeview", observed=True),
    # Mail pasted into text, as old bounces have it: nobody opens it, but whoever saves it to a file may.
    Reading("pasted", frozenset({defects.HIDDEN_DELIMITER}), observed=True),
)
