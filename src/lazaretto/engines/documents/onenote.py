"""Signs on the pages of OneNote: what lies behind a picture that asks for a click."""

from __future__ import annotations

from lazaretto.engines.documents import carried
from lazaretto.engines.documents.cases import Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.filetypes.catalogue import Family, types_in

_PICTURES = types_in(Family.PICTURE)
_LONGEST = 1 << 18


def look(case: Case, signs: Signs) -> None:
    runs = [part for part in case.parts if part.depth == case.artifact.depth + 1 and carried.what(part)]
    if runs and any(part.type in _PICTURES for part in case.parts):
        signs.add("onenote.picture", "")
    for part in (*case.parts, *case.inner):
        if part in runs or part.type in _PICTURES:
            continue
        if part.type.startswith("text/"):
            text = part.data[:_LONGEST].decode("utf-8", "replace").lower()
            words = signs.sheet.heuristics["onenote.words"].look_for("texts")
            if word := next((word for word in words if word in text), ""):
                signs.add("onenote.words", case.where(part), word)
        else:
            signs.add("onenote.file", case.where(part))
