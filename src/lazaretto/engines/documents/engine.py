"""The engine that judges documents, and formats whose use is to deliver something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from lazaretto import config, heuristics
from lazaretto.engines.documents import carried, delivery, ole, onenote, package, pdf, rtf
from lazaretto.engines.documents.cases import (
    ARCHIVE,
    DELIVERY,
    HELP,
    IMAGE,
    OFFICE,
    OLE,
    ONENOTE,
    PDF,
    RTF,
    Case,
    Cases,
)
from lazaretto.engines.documents.grade import Signs, limit
from lazaretto.errors import LimitExceeded
from lazaretto.model import Artifact, Finding
from lazaretto.plugin import Engine

_NAMES = {
    PDF: "document.pdf",
    RTF: "document.rtf",
    OLE: "document.ole",
    OFFICE: "document.office",
    ONENOTE: "document.onenote",
    DELIVERY: "delivery.file",
    IMAGE: "delivery.image",
    HELP: "delivery.help",
    ARCHIVE: "delivery.locked",
}
_MOST = 2_000  # documents and deliveries in one message that are judged


class Documents(Engine):
    """One graded finding for each document or delivery that is worth one, with its reasons.  Nothing is opened here:
    unpackers have done that, and what they said is counted."""

    name: ClassVar[str] = "documents"
    by_name: ClassVar[bool] = True  # nothing of it is to be kept: it judges what it is asked about all together

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        self._sheet = heuristics.load(self.name)
        self._facts = [
            (name, each.id, each.look_for("lines"))
            for each in self._sheet.heuristics.values()
            for name in each.look_for("finding")
        ]
        self._classes = ole.Classes(self._sheet)

    def inspect(self, artifact: Artifact) -> Iterable[Finding]:
        """One artifact alone says too little: what a document holds stands in others."""
        return ()

    def judge(self, artifacts: Sequence[Artifact], findings: Sequence[Finding]) -> Iterator[Finding]:
        cases = Cases(artifacts, findings, self._sheet)
        if len(cases.all) > _MOST:
            yield limit(f"more than {_MOST} documents", cases.all[_MOST].artifact.path)
        known: dict[str, list[Finding]] = {}  # by path, of those that were opened
        for case in cases.in_order(_MOST):
            path = case.artifact.path
            if not self.wants(case.artifact):
                continue
            if case.copied and (found := known.get(case.copied.artifact.path)) is not None:
                found = [replace(each, artifact=path) for each in found]
            else:
                found = list(self._judged(case, cases))
            known[path] = found
            for finding in found:
                cases.said.setdefault(path, []).append(finding)
                yield finding

    def _judged(self, case: Case, cases: Cases) -> Iterator[Finding]:
        signs = Signs(self._sheet)
        for error in self._look(case, cases, signs):
            yield limit(str(error), case.artifact.path)
        first = f"{delivery.label(case.artifact)}: weighs {signs.score}"
        yield from signs.finding(_NAMES[case.form], case.artifact.path, first)

    def _look(self, case: Case, cases: Cases, signs: Signs) -> list[LimitExceeded]:
        """What was not looked at to its end; one reader's limit stops no other."""
        self._count_facts(case, cases, signs)
        readers: dict[str, list[Callable[[], None]]] = {
            PDF: [lambda: pdf.look(case, signs)],
            RTF: [lambda: rtf.look(case, signs, self._classes), lambda: ole.look(case, signs, self._classes)],
            OLE: [lambda: ole.look(case, signs, self._classes)],
            OFFICE: [lambda: package.look(case, cases, signs), lambda: ole.look(case, signs, self._classes)],
            ONENOTE: [lambda: onenote.look(case, signs)],
            IMAGE: [lambda: signs.add("deliver.image", "")],
            HELP: [lambda: delivery.look_at_help(case, signs)],
            DELIVERY: [lambda: delivery.look(case.artifact, [each for _, each in cases.about(case)], signs)],
        }
        troubles = []
        for reader in (*readers.get(case.form, ()), lambda: carried.look(case, cases, signs)):
            try:
                reader()
            except LimitExceeded as error:
                troubles.append(error)
        return troubles

    def _count_facts(self, case: Case, cases: Cases, signs: Signs) -> None:
        said: dict[str, list[tuple[Artifact, Finding]]] = {}
        for artifact, finding in cases.about(case):
            said.setdefault(finding.name, []).append((artifact, finding))
        for name, heuristic, lines in self._facts:
            for artifact, finding in said.get(name, ()):
                for line in finding.evidence:
                    if not lines or line.lower().startswith(lines):
                        signs.add(heuristic, case.where(artifact), line)
