"""The edits of a verdict, in the sandbox: bytes in, other bytes out, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from lazaretto import plugin
from lazaretto.config import Loaded
from lazaretto.mime.edit import Draft
from lazaretto.mime.parse import parse
from lazaretto.model import Done, Finding, Inspection, Kind, Message, Outcome, Treatment, Verdict, outside_in
from lazaretto.plugin import Action

Rescan = Callable[[bytes], Inspection]
_UNSEEN = frozenset({Kind.FAILED, Kind.LIMIT})
_THREATS = frozenset({Kind.MALWARE, Kind.MASSMAILER, Kind.EXPLOIT, Kind.MACRO, Kind.SCRIPT})


class EditFailed(Exception):
    """The edited message is not what it should be.  Never leaves this module: it becomes a FAILED outcome."""


def build_actions(loaded: Loaded) -> dict[str, Action]:
    """All actions by name, with their settings.  Raises ConfigError with every mistake in ``[actions.*]``."""
    return {action.name: action for action in plugin.build(loaded, "actions", Action)}


def treat(
    raw: bytes,
    verdict: Verdict,
    inspection: Inspection,
    actions: Mapping[str, Action],
    rescan: Rescan | None = None,
) -> Treatment:
    """The message as this verdict's recipients are to get it; ``raw`` None when nothing was to be changed.

    Whatever goes wrong, ``raw`` is None and one outcome is FAILED: nothing of an edit is ever delivered by
    halves, and the caller holds or defers the message.  With ``rescan`` the edited message is inspected
    again: a finding whose part was taken out must be gone, for every reader's view of the message.
    """
    action = ""
    try:
        message = parse(raw)
        draft = Draft(message, inspection.artifacts)
        outcomes: list[Outcome] = []
        for step in verdict.steps:
            action = step.action
            outcomes += actions[step.action].edit(draft, step, verdict)
            if failed := [outcome for outcome in outcomes if outcome.status is Done.FAILED]:
                return Treatment(None, tuple(failed))
        spliced = draft.spliced()
        edited = draft.rewritten(spliced)
        if edited is None:
            return Treatment(None, tuple(outcomes))
        changed = _changed_parts(verdict, inspection)
        if spliced is not None:  # what is rewritten as a whole is not what it was
            _compare(message, parse(spliced), changed)
        if rescan is not None and (changed or edited is not spliced):
            _gone(verdict, inspection, rescan(edited))
    except Exception as error:  # noqa: BLE001 - hostile mail, or a third party's action: the caller holds the message
        return Treatment(None, (Outcome(action, Done.FAILED, error=f"{type(error).__name__}: {error}"),))
    return Treatment(edited, tuple(outcomes))


def _changed_parts(verdict: Verdict, inspection: Inspection) -> frozenset[str]:
    paths = {path for step in verdict.steps for path in step.artifacts}
    return frozenset(each.part for each in inspection.artifacts if each.path in paths and each.part)


def _compare(before: Message, after: Message, changed: frozenset[str]) -> None:
    """Every part that is neither changed nor within one that is has the bytes it had.  Raises EditFailed."""
    if not changed:  # the header at most
        if before.raw[before.root.body :] != after.raw[after.root.body :]:
            raise EditFailed("the body is not what it was")
        return
    new = {part.path: part for part in after.root.walk()}
    for part in before.root.walk():
        if part.children or not changed.isdisjoint(outside_in(part.path)):
            continue
        other = new.get(part.path)
        if other is None or before.raw[part.start : part.end] != after.raw[other.start : other.end]:
            raise EditFailed(f"part {part.path} is not what it was")


def _gone(verdict: Verdict, inspection: Inspection, again: Inspection) -> None:
    """Raises EditFailed when a finding is still there although its part was taken out, when the second look saw
    less than the first (what an engine that failed did not find is not gone), or when it saw a threat that policy has
    not judged: without the part, what is left may be read differently."""
    paths = {path for step in verdict.steps for path in step.artifacts}
    removed = Counter(map(_name, (each for each in verdict.findings if each.artifact in paths)))
    expected = Counter(map(_name, inspection.findings)) - removed
    found = Counter(map(_name, again.findings))
    if left := [name for name in removed if found[name] > expected[name]]:
        raise EditFailed(f"still found after the part was taken out: {', '.join(name for _, name in left)}")
    # What another program found is not found again here, where nobody is asked: its bytes must be gone.
    judged = {each.artifact for each in verdict.findings if each.artifact in paths}
    contents = {each.sha256 for each in inspection.artifacts if each.path in judged}
    kept = {each.sha256 for each in inspection.artifacts if not _within(each.path, paths)}
    if contents & {each.sha256 for each in again.artifacts} - kept:
        raise EditFailed("the content of a part that was taken out is still there")
    more = found - Counter(map(_name, inspection.findings))
    if unseen := [each.name for each in again.findings if each.kind in _UNSEEN and _name(each) in more]:
        raise EditFailed(f"not inspected to the end after the part was taken out: {', '.join(unseen)}")
    if threats := [each.name for each in again.findings if each.kind in _THREATS and _name(each) in more]:
        raise EditFailed(f"found only after the part was taken out: {', '.join(threats)}")


def _name(finding: Finding) -> tuple[str, str]:
    return finding.source, finding.name


def _within(path: str, paths: set[str]) -> bool:
    return path in paths or any(path.startswith(f"{each}!") for each in paths)
