"""QR codes that are cut into two pictures, which the mail program shows as one: nobody does that by accident."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import ClassVar

from lazaretto import config
from lazaretto.links import pictures
from lazaretto.model import Artifact, Envelope, Finding, Kind, Message, Severity, one_line
from lazaretto.plugin import Filter

_PAIRS = 16  # that are put together in one message
_SQUARE = 0.8  # shorter by longer side of what a code can be


class SplitCodes(Filter):
    """Puts neighbouring pictures together whose sides fit and which make a square, upon each other or side by side."""

    name: ClassVar[str] = "splitcodes"

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        pictures.prepare()

    def judge(self, message: Message, envelope: Envelope, artifacts: Sequence[Artifact]) -> Iterator[Finding]:
        shown = [each for each in artifacts if each.type in pictures.TYPES]
        tried = 0
        for one, other in itertools.pairwise(shown):
            fit = _fit(one, other)
            if not fit:
                continue
            if tried == _PAIRS:
                evidence = (f"more than {_PAIRS} pairs of pictures that may be halves of a QR code",)
                # Informational: newsletters are made of stripes, and nobody shows a code behind sixteen others.
                yield Finding(self.name, "limit.pairs", Kind.LIMIT, Severity.INFORMATIONAL, evidence=evidence)
                return
            tried += 1
            for text in pictures.joined(one.data, other.data, upright=fit == "upright"):
                evidence = (f"with {one_line(other.path)} it is a QR code: {one_line(text, 160)}",)
                yield Finding(self.name, "url.qr-split", Kind.PHISHING, Severity.MEDIUM, one.path, evidence)


def _fit(one: Artifact, other: Artifact) -> str:
    """How two pictures make a square: "upright", "beside" or "" """
    first, second = pictures.size(one.data), pictures.size(other.data)
    if first is None or second is None:
        return ""
    if first[0] == second[0] and _is_square(first[0], first[1] + second[1]):
        return "upright"
    return "beside" if first[1] == second[1] and _is_square(first[0] + second[0], first[1]) else ""


def _is_square(width: int, height: int) -> bool:
    return min(width, height) >= pictures.SMALLEST * 2 and min(width, height) >= _SQUARE * max(width, height)
