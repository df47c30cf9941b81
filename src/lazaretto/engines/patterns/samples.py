"""The samples that come with a pattern set: what its rules must find, and what they must not.

In the set's folder::

    tests/match/RULE/any-file       RULE must match it
    tests/clean/RULE/any-file       RULE must not match it
    tests/clean/any-file            no rule of the set may say more of it than an informational word
    tests/anything.toml             [[sample]] with match = [...], clean = [...] and text, hex or base64

They are scanned in a process of their own, for no scanner survives the forks of the nursery, and what hangs there can
be ended.  It is no worker's sandbox, but it can open nothing: no file, no socket.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import resource
import select
import signal
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from lazaretto import config
from lazaretto.errors import ConfigError, Problem
from lazaretto.model import Artifact

FOLDER = "tests"
MOST_BYTES = 32 << 20  # of one sample
MOST_SAMPLES = 10_000  # of one set
SECONDS = 120.0  # for all samples of all sets
_REMEDY = "correct the rule or the sample, or remove the sample; the set is taken when all its samples are as they say"


@dataclass(frozen=True, slots=True)
class Sample:
    file: Path
    line: int | None
    folder: Path  # of the set
    data: bytes
    match: tuple[str, ...] = ()
    clean: tuple[str, ...] | None = ()  # None: no rule of the set
    name: str = ""
    type: str = "application/octet-stream"

    def artifact(self) -> Artifact:
        names = (self.name,) if self.name else ()
        return Artifact(
            self.name, names, self.data, self.type, "", None, None, 0, hashlib.sha256(self.data).hexdigest()
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched a sample."""

    rule: str
    file: Path
    informs: bool  # it does no more than inform


Matcher = Callable[[Artifact], Iterable[Hit]]


class _Sample(config.Settings):
    match: tuple[str, ...] = ()
    clean: tuple[str, ...] | bool = ()
    text: str | None = None
    hex: str | None = None
    base64: str | None = None
    name: str = ""
    type: str = Field("application/octet-stream", pattern=r"^[\w.+-]+/[\w.+-]+$")

    @model_validator(mode="after")
    def _is_one(self) -> _Sample:
        if sum(each is not None for each in (self.text, self.hex, self.base64)) != 1:
            raise ValueError("a sample has one of text, hex and base64")
        if not self.match and not self.clean:
            raise ValueError("a sample says what must match (match = [...]) or what must not (clean = [...] or true)")
        return self

    def content(self) -> bytes:
        """Raises ValueError."""
        if self.text is not None:
            return self.text.encode()
        if self.hex is not None:
            return bytes.fromhex(self.hex)
        return base64.b64decode("".join((self.base64 or "").split()), validate=True)


class _Samples(config.Settings):
    sample: tuple[_Sample, ...] = ()


def read(folder: Path) -> list[Sample]:
    """Those of one set.  Raises ConfigError with every one that cannot be read."""
    found: list[Sample] = []
    problems: list[Problem] = []
    for read_some in (_files, _documents):
        try:
            found += read_some(folder)
        except ConfigError as error:
            problems += error.problems
    if len(found) > MOST_SAMPLES:
        problems.append(Problem(folder / FOLDER, None, f"has {len(found)} samples, more than {MOST_SAMPLES}", ""))
    if problems:
        raise ConfigError(*problems)
    return found


def _files(folder: Path) -> Iterator[Sample]:
    for sort in ("match", "clean"):
        top = folder / FOLDER / sort
        for file in sorted(path for path in top.rglob("*") if path.is_file() and not path.name.startswith(".")):
            rule = file.relative_to(top).parts[0] if file.parent != top else ""
            if sort == "match" and not rule:
                what = "stands in no folder that is named after the rule that must match it"
                raise ConfigError(Problem(file, None, what, f"move it to {top}/RULE/{file.name}"))
            data = _content(file)
            rules = (rule,) if rule else ()
            if sort == "match":
                yield Sample(file, None, folder, data, match=rules, name=file.name)
            else:
                yield Sample(file, None, folder, data, clean=rules or None, name=file.name)


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ConfigError(Problem(file, None, f"has more than {MOST_BYTES >> 20} MiB", "shorten the sample"))
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(Problem(file, None, f"cannot be read: {error.strerror}", "make it readable")) from None


def _documents(folder: Path) -> Iterator[Sample]:
    for file in sorted(file for file in (folder / FOLDER).glob("*.toml") if file.is_file()):
        text = _content(file).decode("utf-8", "replace")
        try:
            lines = config.locate(text)
            document = _Samples.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(Problem(file, None, f"not TOML: {error}", "see https://toml.io")) from None
        except ValidationError as error:
            raise ConfigError(*config.problems_of(error, _Samples, file, lines)) from None
        for number, each in enumerate(document.sample):
            line = lines.get(("sample", str(number)))
            try:
                data = each.content()
            except (ValueError, binascii.Error) as error:
                raise ConfigError(Problem(file, line, f"no content: {error}", "")) from None
            clean = (None if each.clean else ()) if isinstance(each.clean, bool) else each.clean
            yield Sample(file, line, folder, data, each.match, clean, each.name, each.type)


def failures(samples: Iterable[Sample], matcher: Matcher) -> Iterator[Problem]:
    """Every sample that is not as it says."""
    for sample in samples:
        hits = [hit for hit in matcher(sample.artifact()) if hit.file.is_relative_to(sample.folder)]
        names = {hit.rule for hit in hits}
        for rule in sample.match:
            if rule not in names:
                others = f" ({', '.join(sorted(names)[:5])} do)" if names else ""
                yield Problem(sample.file, sample.line, f"rule {rule} does not match this sample{others}", _REMEDY)
        told = {hit.rule for hit in hits if not hit.informs} if sample.clean is None else names & {*sample.clean}
        for rule in sorted(told - {*sample.match}):
            yield Problem(sample.file, sample.line, f"rule {rule} matches this sample, and must not", _REMEDY)


def try_apart(samples: list[Sample], matcher: Matcher, seconds: float = SECONDS) -> list[Problem]:
    """``failures``, in a process of its own; that it does not end in time, or badly, is a failure too."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(samples, matcher, reading, writing)
    os.close(writing)
    try:
        answer = _answer(reading, seconds)
    finally:
        os.close(reading)
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so it is no other process
        os.waitpid(pid, 0)
    if answer is None:
        what = f"the samples of the pattern sets take more than {seconds:g} seconds"
        return [Problem(None, None, what, "remove the slow rule, or the sample it is slow on")]
    try:
        told = json.loads(answer)
    except ValueError:
        return [Problem(None, None, "the process that tries the samples of the pattern sets crashed", _REMEDY)]
    return [Problem(Path(file) if file else None, line, what, remedy) for file, line, what, remedy in told]


def _child(samples: list[Sample], matcher: Matcher, reading: int, writing: int) -> None:
    try:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        found = [(str(each.file), each.line, each.what, each.remedy) for each in failures(samples, matcher)]
        with os.fdopen(writing, "wb") as stream:
            stream.write(json.dumps(found).encode())
    except BaseException as error:  # noqa: BLE001 - a panic of the scanner is no Exception
        what = f"the samples cannot be tried: {type(error).__name__}: {error}"
        os.write(writing, json.dumps([("", None, what[:500], _REMEDY)]).encode())
    finally:
        os._exit(0)


def _answer(reading: int, seconds: float) -> bytes | None:
    chunks: list[bytes] = []
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            chunk = os.read(reading, 1 << 16)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
    return None
