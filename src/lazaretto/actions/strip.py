"""strip: each part that carries a finding is replaced by a text notice; all other parts keep their bytes."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from lazaretto import config
from lazaretto.mime.edit import text_entity
from lazaretto.model import ArtifactSummary, Can, Done, Outcome, Part, Step, Verdict, now, one_line, outside_in
from lazaretto.notices import text
from lazaretto.plugin import Action, Case, Draft, Keeper

SIGNED = "the part was within signed content: that signature no longer verifies"


def _charset(value: str) -> str:
    """A name that Python and mail programs know, of an encoding in which ASCII stays ASCII."""
    try:
        usable = "Az09\n".encode(value) == b"Az09\n" and codecs.lookup(value).name != "utf-7"
    except (LookupError, ValueError):
        usable = False
    if not usable:
        raise ValueError(f"unknown or unusable charset {value!r}: use utf-8 or iso-8859-1")
    return value


def _language(value: str) -> str:
    if value not in text.languages():
        raise ValueError(f"no notice in the language {value!r}: there are {', '.join(text.languages())}")
    return value


def _template(value: str) -> str:
    if wrong := text.problems(value):
        raise ValueError("; ".join(wrong))
    return value


class Strip(Action):
    name = "strip"
    needs = Can.REPLACE
    nearest = ("quarantine", "reject", "tag", "deliver")
    rank = 20
    per_part = True
    options = frozenset({"keep", "language", "charset", "contact", "notice"})

    class Settings(config.Settings):
        keep: Literal["backup", "quarantine", "no"] = Field("backup", description="where the original is kept")
        language: Annotated[str, AfterValidator(_language)] = Field("en", description="of the built-in notice")
        charset: Annotated[str, AfterValidator(_charset)] = Field("utf-8", description="of the notice")
        contact: str = Field("the administrator of this mail server", description="whom the notice says to ask")
        notice: Annotated[str, AfterValidator(_template)] = Field(
            "", description="your own text: $name $threats $time $id $rule $contact $original are filled in"
        )

    settings: Settings

    def __init__(self, settings: config.Settings) -> None:
        super().__init__(settings)
        # Read here: in the sandbox, where edit runs, there are no files.
        self._languages = {name: text.language(name) for name in text.languages()}

    def check(self, options: Mapping[str, str]) -> Iterable[str]:
        try:
            self.Settings.model_validate(dict(options))
        except ValidationError as error:
            return tuple(f"{each['loc'][0]}: {each['msg'].removeprefix('Value error, ')}" for each in error.errors())
        return ()

    def describe(self, step: Step) -> str:
        kept = " and the original is kept" if self._option(step, "keep") != "no" else ""
        several = len({path.partition("/")[0] for path in step.artifacts}) > 1  # a path begins with its part
        return f"the part{'s are replaced by notices' if several else ' is replaced by a notice'}{kept}"

    def edit(self, draft: Draft, step: Step, verdict: Verdict) -> Iterator[Outcome]:
        summaries = {artifact.path: artifact for artifact in draft.artifacts}
        parts = {part.path: part for part in draft.message.root.walk()}
        inside: dict[str, list[ArtifactSummary]] = {}  # by part
        for path in step.artifacts:
            artifact = summaries.get(path)
            if artifact is None or not artifact.part:
                yield Outcome(self.name, Done.FAILED, path, error="it is in no part that can be replaced")
                return
            inside.setdefault(artifact.part, []).append(artifact)
        for number, artifacts in _outermost(inside).items():
            part = parts.get(number)
            if part is None:
                yield Outcome(self.name, Done.FAILED, artifacts[0].path, error=f"the message has no part {number}")
                return
            draft.replace_part(part, self._notice(part, artifacts, step, verdict))
            note = SIGNED if _is_signed(parts, number) else ""
            yield from (Outcome(self.name, Done.DONE, artifact.path, note=note) for artifact in artifacts)

    async def carry_out(self, case: Case, step: Step, keeper: Keeper) -> Iterable[Outcome]:
        purpose = self._option(step, "keep")
        if purpose == "no" or (purpose == "backup" and _has_backup(case.verdict)):
            return ()
        artifact = step.artifacts[0] if step.artifacts else None
        item = await keeper.hold(case, purpose=purpose, artifact=artifact)
        return (Outcome(purpose, Done.DONE, artifact, item),)

    def _option(self, step: Step, name: str) -> str:
        return step.options.get(name) or str(getattr(self.settings, name))

    def _notice(self, part: Part, artifacts: list[ArtifactSummary], step: Step, verdict: Verdict) -> bytes:
        language = self._languages[self._option(step, "language")]
        paths = {artifact.path for artifact in artifacts}
        kept = self._option(step, "keep") != "no" or _has_backup(verdict)
        names = [
            *part.names,
            *(name for each in artifacts for name in each.names),
        ]  # an attached message has none, what is in it may
        name = one_line(next((each for each in names if each.strip()), ""))
        facts = text.Facts(
            name=name or language.unnamed,
            threats=text.threats(each for each in verdict.findings if each.artifact in paths),
            time=text.moment(now()),
            id=verdict.envelope,
            rule=verdict.rule,
            contact=self._option(step, "contact"),
            original=language.kept if kept else language.gone,
        )
        body = text.fill(self._option(step, "notice") or language.notice.lstrip("\n"), facts)
        return text_entity(body, charset=self._option(step, "charset"), name=f"{name or 'removed'}.txt")


def _has_backup(verdict: Verdict) -> bool:
    return any(step.action == "backup" for step in verdict.steps)


def _outermost(inside: Mapping[str, list[ArtifactSummary]]) -> dict[str, list[ArtifactSummary]]:
    """A part within another that goes too goes with it."""
    found: dict[str, list[ArtifactSummary]] = {}
    for number, artifacts in inside.items():
        outer = next(each for each in outside_in(number) if each in inside)
        found.setdefault(outer, []).extend(artifacts)
    return found


def _is_signed(parts: Mapping[str, Part], number: str) -> bool:
    return any(parts[each].media_type == "multipart/signed" for each in ("", *outside_in(number)) if each in parts)
