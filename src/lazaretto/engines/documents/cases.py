"""All artifacts of one message or file, sorted by the document or delivery that each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lazaretto.filetypes.catalogue import Family, types_in
from lazaretto.heuristics import Sheet
from lazaretto.model import Artifact, Finding
from lazaretto.office import kinds

# Forms: what a document is judged as.
PDF, RTF, OLE, OFFICE, ONENOTE, IMAGE, HELP, ARCHIVE = (
    "pdf", "rtf", "ole", "office", "onenote", "image", "help", "archive",
)  # fmt: skip
DELIVERY = "delivery"  # a file that is nothing but a way to something else
_WHOLE = "application/vnd."
_ALL: Mapping[str, str] = {
    **dict.fromkeys(kinds.TYPES - {kinds.OUTLOOK, kinds.INSTALLER}, OLE),
    **{
        kind: OFFICE
        for kind in types_in(Family.DOCUMENT)
        if kind.startswith((f"{_WHOLE}openxml", f"{_WHOLE}oasis", f"{_WHOLE}ms-"))
        and kind not in kinds.TYPES
        and "htmlhelp" not in kind
    },
    **dict.fromkeys(types_in(Family.IMAGE), IMAGE),
    "application/pdf": PDF,
    "application/rtf": RTF,
    "application/onenote": ONENOTE,
    "application/vnd.ms-htmlhelp": HELP,
    "application/winhlp": HELP,
}
_PACKED = (IMAGE, ARCHIVE)
_ARCHIVES = types_in(Family.ARCHIVE)
_UNPACK = "unpack"
_LOCKED, _FROM_LIST = "unpack.password", "the configured list"


@dataclass(slots=True)
class Case:
    """One thing that is judged, with what is in it: to the next case, which stands in it as a whole."""

    artifact: Artifact
    form: str
    parts: list[Artifact] = field(default_factory=list)
    inner: list[Artifact] = field(default_factory=list)  # cases of their own
    locked: bool = False  # and opened with a word that the mail told
    copied: Case | None = None  # the same content elsewhere, which was opened in its place

    def where(self, artifact: Artifact) -> str:
        """A part's path inside the case."""
        own = self.artifact.path
        return artifact.path[len(own) + 1 :] if artifact.path.startswith(f"{own}!") else ""


class Cases:
    def __init__(self, artifacts: Sequence[Artifact], findings: Sequence[Finding], sheet: Sheet) -> None:
        self.said: dict[str, list[Finding]] = {}
        self._told: dict[str, list[Finding]] = {}  # by unpackers, by content: what comes twice is opened once
        for finding in findings:
            if finding.artifact is not None:
                self.said.setdefault(finding.artifact, []).append(finding)
        self._formats = {kind for each in sheet.heuristics.values() for kind in each.look_for("types")}
        self._endings = tuple(f".{end}" for each in sheet.heuristics.values() for end in each.look_for("endings"))
        self.all: list[Case] = []
        owners: dict[str, Case] = {}
        for artifact in artifacts:
            if unpacked := [each for each in self.said.get(artifact.path, ()) if each.source == _UNPACK]:
                self._told.setdefault(artifact.sha256, unpacked)
            owner = owners.get(artifact.parent or "")
            case = self._case(artifact, owner)
            if owner:
                if case:
                    owner.inner.append(artifact)
                if not case or (case.form == DELIVERY and owner.form not in _PACKED):
                    owner.parts.append(artifact)  # a shortcut in a document is judged, and is a shortcut there as well
            if case:
                self.all.append(case)
            if case or owner:
                owners[artifact.path] = case or owner  # type: ignore[assignment]  # one of them is there
        self._share()
        self.macros = [
            (each.artifact, each.name) for each in findings if each.artifact and each.name.startswith("macro.")
        ]

    def _share(self) -> None:
        """What was opened elsewhere holds the same things here: it is judged there, once for all."""
        first: dict[tuple[str, str], Case] = {}
        for case in self.all:
            if self._is_opened(case):
                first.setdefault((case.artifact.sha256, case.form), case)
        for case in self.all:
            if case.form != DELIVERY and not self._is_opened(case):
                case.copied = first.get((case.artifact.sha256, case.form))

    def _is_opened(self, case: Case) -> bool:
        said = self.said.get(case.artifact.path, ())
        return bool(case.parts or case.inner or any(each.source == _UNPACK for each in said))

    def in_order(self, most: int) -> Iterator[Case]:
        """Inner ones first, and the one that was opened before its copies: what they are counts for those around."""
        cases = {case.artifact.path: case for case in self.all[:most]}
        done: set[str] = set()
        left = [(case, False) for case in cases.values()]
        while left:
            case, is_ready = left.pop()
            if is_ready:
                yield case
            elif case.artifact.path not in done:
                done.add(case.artifact.path)
                left.append((case, True))
                before = [case.copied.artifact.path] if case.copied else [each.path for each in case.inner]
                left += [(cases[path], False) for path in before if path in cases and path not in done]

    def about(self, case: Case) -> Iterator[tuple[Artifact, Finding]]:
        """What was said about it and its parts."""
        case = case.copied or case
        for artifact in (case.artifact, *case.parts):
            for finding in self.said.get(artifact.path) or self._told.get(artifact.sha256) or ():
                yield artifact, finding

    def _case(self, artifact: Artifact, owner: Case | None) -> Case | None:
        form = _ALL.get(artifact.type, "")
        if artifact.type == kinds.OLE2 and owner and owner.form not in (*_PACKED, HELP):
            return None  # an object of the document around it
        locked = self._is_locked(artifact)
        if not form and locked and artifact.type in _ARCHIVES:
            form = ARCHIVE
        # What stands in a delivery is part of it, and pages of a help file may be of any kind.
        if not form and (owner is None or owner.form not in (DELIVERY, HELP)) and self._delivers(artifact):
            form = DELIVERY
        return Case(artifact, form, locked=locked) if form else None

    def _is_locked(self, artifact: Artifact) -> bool:
        return any(
            finding.name == _LOCKED and not any(_FROM_LIST in line for line in finding.evidence)
            for finding in self.said.get(artifact.path, ())
        )

    def _delivers(self, artifact: Artifact) -> bool:
        """By its true type, or by a name of its own: many of these are texts that only their names tell apart."""
        if artifact.type in self._formats:
            return True
        return any(name.lower().rstrip(" .").endswith(self._endings) for name in artifact.names) or (
            artifact.type == "application/vnd.microsoft.portable-executable" and b"xlAutoOpen" in artifact.data
        )
