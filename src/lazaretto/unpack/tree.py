"""From a message or file to everything that is in it, however deep.

One loop over a queue, no recursion: outer things come before inner ones, so that a bomb in the first attachment
does not hide the second.  All limits are applied here and nowhere else, and whatever goes wrong inside an
unpacker ends here as a finding.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lazaretto.errors import Encrypted, HostileInput, LimitExceeded
from lazaretto.model import Artifact, Finding, Kind, Message, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import message as mail
from lazaretto.unpack import polyglot
from lazaretto.unpack.hints import Hints
from lazaretto.unpack.identify import extension, is_page, readings
from lazaretto.unpack.joining import Joiner, Piece
from lazaretto.unpack.limits import Budget, Meter
from lazaretto.unpack.passwords import Words
from lazaretto.unpack.signatures import CONTAINERS, MAIL, PGP, PLAIN_KINDS, TEXTS

SOURCE = "unpack"
_MAIL = frozenset({MAIL, "message/global", "message/news"})  # declared types that readers open as mail
# Texts without a mark of their own, which readers open as what they are declared to be; others see HTML in no mail
# that begins with words.
_AS_DECLARED = {
    "text/html": "text/html",
    "application/xhtml+xml": "text/html",
    "image/svg+xml": "image/svg+xml",
    "text/calendar": "text/calendar",
    "text/vcard": "text/vcard",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
}
_PAGES = frozenset({"text/html", "image/svg+xml"})
_FINDINGS = 200  # from one container
_ENDING = Budget.FINAL | {"ratio"}  # limits that end more than the artifact that meets them
# Names and paths of all artifacts leave the sandbox and go into the journal: they are bounded, in characters.
_LONGEST = 200  # one name in a path
_LONGEST_OUTER = 800  # what stands before the last name in a path
_NAMES, _LONGEST_NAME = 32, 512  # names of one artifact, and one of them

# What would break or disguise a path where people read it: controls, line and direction marks, surrogates; "!" and
# "%" because they have a meaning in paths.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f!%\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


class Table(dict[str, list[Unpacker]]):
    """Unpackers by the types that they open; made once by whoever opens many things."""

    def __init__(self, unpackers: Iterable[Unpacker]) -> None:
        super().__init__()
        for unpacker in unpackers:
            for kind in unpacker.types:
                self.setdefault(kind, []).append(unpacker)


def explode_message(
    message: Message, budget: Budget, unpackers: Iterable[Unpacker] | Table, words: Sequence[str] = ()
) -> Iterator[Artifact | Finding]:
    """Every artifact of a message, outer ones first, and findings about what could not be looked at.  ``words``: of
    earlier mails of its thread, for what is locked.  Raises nothing that its input can cause."""
    return _Walk(budget, unpackers, message, words).run(_Source(mail.parts(message), len(message.raw), is_message=True))


def explode(
    data: bytes, names: Sequence[str], budget: Budget, unpackers: Iterable[Unpacker] | Table
) -> Iterator[Artifact | Finding]:
    """The same for a file; its own artifact comes first."""
    return _Walk(budget, unpackers).run(_Source(iter([Member(tuple(names), [data])]), len(data)))


@dataclass(frozen=True, slots=True)
class _Source:
    """What members come out of: a container, or (``artifact`` None) the message or file itself."""

    members: Iterator[Member | Finding]
    packed: int
    artifact: Artifact | None = None
    is_message: bool = False
    depth: int = 0  # of what comes out

    @property
    def path(self) -> str | None:
        return self.artifact.path if self.artifact else None


class _Stop(Exception):
    """The walk ends: a limit that concerns everything."""


class _Walk:
    def __init__(
        self,
        budget: Budget,
        unpackers: Iterable[Unpacker] | Table,
        message: Message | None = None,
        words: Sequence[str] = (),
    ) -> None:
        self._budget = budget
        self._by_type = unpackers if isinstance(unpackers, Table) else Table(unpackers)
        self._waiting: deque[tuple[Artifact, tuple[str, ...]]] = deque()
        # Digests of what has been opened, in which part, as what.  The same archive in two parts is opened twice: a
        # finding in it, or a rule about a name in it, has to reach both of them.
        self._seen: set[tuple[str, str | None, tuple[str, ...]]] = set()
        self._paths: dict[str, int] = {}
        self._guesses: set[str] = set()  # paths of what nobody is known to see, and of all that is in it
        self._joiner = Joiner()
        self._hints = Hints(message, words)
        self._passwords = Words(budget.limits, self._hints.words)

    def run(self, root: _Source) -> Iterator[Artifact | Finding]:
        try:
            yield from self._empty(root)
            yield from self._open_waiting()
            while self._joiner.changed:  # what was joined may hold a piece of the next; each lies deeper
                for members, packed, depth in self._joiner.joined():
                    yield from self._empty(_Source(members, packed, None, root.is_message, depth))
                yield from self._open_waiting()
        except _Stop:
            pass
        yield from self._joiner.findings()

    def _open_waiting(self) -> Iterator[Artifact | Finding]:
        while self._waiting:
            artifact, kinds = self._waiting.popleft()
            key = (artifact.sha256, artifact.part, kinds)
            if key in self._seen:
                continue  # the same bytes hold the same things
            self._seen.add(key)
            yield from self._open(artifact, kinds)

    def _open(self, artifact: Artifact, kinds: tuple[str, ...]) -> Iterator[Artifact | Finding]:
        """Every reading of one container by every unpacker that takes it."""
        too_deep: LimitExceeded | None = None
        try:
            self._budget.descend(artifact.depth)
        except LimitExceeded as error:
            if not CONTAINERS.isdisjoint(kinds):
                yield trouble_of(error, artifact.path)
                return
            too_deep = error  # a text: only if something is in it
        for kind in kinds:
            unpackers = self._by_type.get(kind, ())
            # Of every reading: a clean zip behind a RAR does not speak for the RAR.
            if (
                not unpackers and kind in CONTAINERS and artifact.path not in self._guesses
            ):  # LIMIT and not FAILED: it would be the same at the next try
                evidence = (f"nothing here opens {kind}",)
                yield Finding(SOURCE, "unpack.unsupported", Kind.LIMIT, Severity.MEDIUM, artifact.path, evidence)
            for unpacker in unpackers:
                shown = artifact if kind == artifact.type else replace(artifact, type=kind)
                members = unpacker.unlock(shown, self._passwords)
                members = _refused(members, too_deep) if too_deep else self._afforded(unpacker, members)
                source = _Source(members, len(artifact.data), artifact, depth=artifact.depth + 1)
                yield from self._noted(unpacker.name, artifact.path, source)

    def _afforded(self, unpacker: Unpacker, members: Iterator[Member | Finding]) -> Iterator[Member | Finding]:
        self._budget.afford(unpacker.name, unpacker.seconds)
        yield from members

    def _noted(self, unpacker: str, path: str, source: _Source) -> Iterator[Artifact | Finding]:
        """Everything out of one container, with a note of what that took."""
        started, encrypted = self._budget.now(), False
        try:
            for thing in self._empty(source):
                encrypted = encrypted or (isinstance(thing, Finding) and thing.kind is Kind.ENCRYPTED)
                yield thing
        finally:
            self._budget.opened(path, unpacker, self._budget.now() - started, encrypted=encrypted)

    def _empty(self, source: _Source) -> Iterator[Artifact | Finding]:
        """Everything out of one container."""
        meter, findings = Meter(self._budget, source.packed, whole=source.artifact is None), 0
        try:
            for thing in source.members:
                meter.check_time()
                if isinstance(thing, Member):
                    trouble = yield from self._member(thing, source, meter)
                    if trouble in Budget.FINAL:
                        raise _Stop
                    if trouble == "ratio":
                        return
                    continue
                findings += 1
                if findings > _FINDINGS:
                    raise LimitExceeded("findings", f"more than {_FINDINGS} findings about one container")
                yield self._placed(thing, source.path)
        except _Stop:
            raise
        except LimitExceeded as error:
            yield trouble_of(error, source.path)
            if error.name in Budget.FINAL:
                raise _Stop from None
        except HostileInput as error:
            yield from self._damage(error, source.path)
        except Exception as error:  # noqa: BLE001 a flaw in an unpacker or library must not end the inspection
            yield trouble_of(error, source.path)
        finally:
            _close(source.members)

    def _placed(self, finding: Finding, path: str | None) -> Finding:
        """With its artifact.  What can be read in two ways misleads nobody where nobody reads it."""
        if finding.kind is Kind.AMBIGUOUS and path in self._guesses:
            finding = replace(finding, severity=Severity.INFORMATIONAL)
        return finding if finding.artifact or path is None else replace(finding, artifact=path)

    def _damage(self, error: Exception, path: str | None) -> Iterator[Finding]:
        """What cannot be read; of a guess that says nothing but that the guess was wrong, unless it takes other things
        with it."""
        stops = isinstance(error, LimitExceeded) and error.name in _ENDING
        if path not in self._guesses or stops or not isinstance(error, HostileInput) or isinstance(error, Encrypted):
            yield trouble_of(error, path)

    def _member(self, member: Member, source: _Source, meter: Meter) -> Generator[Artifact | Finding, None, str]:
        """Returns the name of the limit that it broke, or ""."""
        self._budget.add()
        data, error = _join(member.chunks, meter)
        kinds = readings(data, member.names)
        artifact = self._artifact(member, source, data, kinds[0])
        yield artifact
        if finding := polyglot.finding(artifact, kinds):
            yield finding
        self._hints.note(artifact)
        if isinstance(member, Piece):
            self._joiner.add(member, artifact)
        if member.declared in _MAIL and MAIL not in kinds:
            kinds = (*kinds, MAIL)
        if member.declared == PGP and PGP not in kinds:  # packets out of a packet, whatever they look like
            kinds = (*kinds, PGP)
        if member.declared.startswith("text/") and not any(kind in self._by_type for kind in kinds):
            kinds = (*kinds, "text/plain")  # a text that begins with "ID3" is shown as text, with what it holds
        if (kind := _AS_DECLARED.get(member.declared)) and kind not in kinds:
            page = kind in _PAGES and kinds[0] not in TEXTS and is_page(data)
            if page or kinds[0] in PLAIN_KINDS:
                kinds = (*kinds, kind)
        if not CONTAINERS.isdisjoint(kinds) or any(kind in self._by_type for kind in kinds):
            self._waiting.append((artifact, kinds))
        if error is not None:
            yield from self._damage(error, artifact.path)
        return error.name if isinstance(error, LimitExceeded) else ""

    def _artifact(self, member: Member, source: _Source, data: bytes, kind: str) -> Artifact:
        step = _display(member.names[0]) if member.names else f"part.{extension(kind)}"
        place = f"{member.place}~{member.view}" if member.view else member.place
        path = f"{place}/{step}" if place else step
        outer = source.artifact
        if outer:
            path = f"{_bounded(outer.path, _LONGEST_OUTER)}!{path}"
        path = self._unique(path)
        if member.guess or (outer and outer.path in self._guesses):
            self._guesses.add(path)
        return Artifact(
            path=path,
            names=tuple(_bounded(encodable(name), _LONGEST_NAME) for name in member.names[:_NAMES]),
            data=data,
            type=kind,
            declared=member.declared,
            part=outer.part if outer else member.place if source.is_message else None,
            parent=outer.path if outer else None,
            depth=source.depth,
            sha256=hashlib.sha256(data).hexdigest(),
        )

    def _unique(self, path: str) -> str:
        """Findings are matched to artifacts by path: two members of one name must not share it."""
        count = self._paths.get(path, 0) + 1
        self._paths[path] = count
        return path if count == 1 else self._unique(f"{path}#{count}")


def _refused(members: Iterator[Member | Finding], error: LimitExceeded) -> Iterator[Member | Finding]:
    for _ in members:
        raise error
    yield from ()


def _close(source: Iterable[Member | Finding] | Iterable[bytes]) -> None:
    """Gives back at once what an unpacker holds that was not read to its end: a thread, memory of a library.  The
    errors that stopped it keep it alive until the next collection otherwise."""
    with contextlib.suppress(Exception):
        getattr(source, "close", lambda: None)()


def _join(chunks: Iterable[bytes], meter: Meter) -> tuple[bytes, Exception | None]:
    """What could be read, and what stopped it."""
    parts: list[bytes] = []
    size = 0
    stopped: Exception | None = None
    try:
        for chunk in chunks:
            try:
                meter.take(len(chunk), size)
            except LimitExceeded:
                parts.append(meter.rest(chunk, size))
                raise
            parts.append(chunk)
            size += len(chunk)
    except Exception as error:  # noqa: BLE001 what was read before stays, whatever a library raised
        stopped = error
    finally:
        _close(chunks)
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    parts.clear()  # the error's traceback holds this frame, and with it would hold all of them
    return data, stopped


def trouble_of(error: BaseException, path: str | None) -> Finding:
    """The finding that an exception becomes."""
    if isinstance(error, LimitExceeded):
        return Finding(SOURCE, f"limit.{error.name}", Kind.LIMIT, Severity.MEDIUM, path, (str(error),))
    if isinstance(error, Encrypted):
        return Finding(SOURCE, "unpack.encrypted", Kind.ENCRYPTED, Severity.MEDIUM, path, (str(error),))
    if isinstance(error, HostileInput):
        return Finding(SOURCE, "unpack.malformed", Kind.FAILED, Severity.MEDIUM, path, (str(error),))
    evidence = (encodable(f"{type(error).__name__}: {error}")[:300],)
    return Finding(SOURCE, "unpack.crashed", Kind.FAILED, Severity.MEDIUM, path, evidence)


def encodable(text: str) -> str:
    """Without lone surrogates, which names of files on disk and careless libraries bring in and which no journal or
    wire can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bounded(text: str, longest: int) -> str:
    """Both ends of a long one: a name's kind stands at its end, a path's MIME part at its beginning."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"


def _display(name: str) -> str:
    """A name as it may stand in a path that people read; the raw one stays in ``Artifact.names``."""
    shown = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name[:_LONGEST])[:_LONGEST]
    return shown + "…" if len(name) > _LONGEST else shown or "unnamed"
