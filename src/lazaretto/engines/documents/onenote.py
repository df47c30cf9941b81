"""Signs on the pages of OneNote: what lies behind a picture that asks for a click."""

from __future__ import annotations

from lazaretto.engines.documents import carried
from lazaretto.engines.documents.cases import Case
from lazaretto.engines.documents.grade import Signs
from lazaretto.errors import LimitExceeded
from lazaretto.filetypes.catalogue import Family, types_in

_PICTURES = types_in(Family.PICTURE)
_LONGEST = 1 << 22  # bytes of one text


def look(case: Case, signs: Signs) -> None:
    own = case.artifact.path
    runs = {part.path for part in case.parts if part.parent == own and carried.what(part)}
    if runs and any(part.type in _PICTURES for part in case.parts):
        signs.add("onenote.picture", "")
    cut, beside = False, {part.path for part in case.parts}
    # An agenda that asks to click on the minutes beside it is no lure: those are judged by themselves.
    leads = bool(runs) or any(each.path in beside for each in case.inner)
    leads = leads or any(part.type not in _PICTURES and not part.type.startswith("text/") for part in case.parts)
    for part in (*case.parts, *(each for each in case.inner if each.path not in beside)):
        if part.path in runs or part.type in _PICTURES:
            continue
        if part.type.startswith("text/"):
            cut = cut or len(part.data) > _LONGEST
            text = part.data[:_LONGEST].decode("utf-8", "replace").lower()
            words = signs.sheet.heuristics["onenote.words"].look_for("texts")
            if leads and (word := next((word for word in words if word in text), "")):
                signs.add("onenote.words", case.where(part), word)
        else:
            signs.add("onenote.file", case.where(part))
    if cut:
        raise LimitExceeded("documents", f"a text of more than {_LONGEST} bytes")
