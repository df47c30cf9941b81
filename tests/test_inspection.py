from __future__ import annotations

import base64
import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lazaretto import config, inspection, model
from lazaretto.errors import ConfigError
from lazaretto.inspection import Inspector
from lazaretto.model import Address, Can, Direction, Envelope, Finding, Kind, Severity, Status
from lazaretto.results import recall
from lazaretto.unpack.identify import identify

ENGINES = '''
from collections.abc import Iterable
from lazaretto.model import Finding, Kind, Severity, Target
from lazaretto.plugin import Engine

class Panic(BaseException):
    """As native libraries raise them."""

class Payload(Engine):
    """Finds the payload, and counts how often it was asked."""
    name = "payload"
    by_name = False
    types = frozenset({"*"})
    asked = 0

    @property
    def version(self):
        return self.edition
    edition = "1"

    def inspect(self, artifact):
        Payload.asked += 1
        if b"the payload" in artifact.data:
            yield Finding("payload", "test.payload", Kind.MALWARE, Severity.HIGH)

class Shells(Engine):
    """Wants scripts only."""
    name = "shells"
    types = frozenset({"text/javascript"})
    def inspect(self, artifact):
        yield Finding("shells", "test.script", Kind.SCRIPT, Severity.LOW)

class Together(Engine):
    """Says what it was shown of all."""
    name = "together"
    types = frozenset()
    def inspect(self, artifact):
        return ()
    def judge(self, artifacts, findings):
        if any(b"together flaw" in artifact.data for artifact in artifacts):
            raise RuntimeError("a flaw")
        said = tuple(finding.name for finding in findings if finding.source in ("payload", "shells"))
        if said:
            yield Finding("together", "test.together", Kind.CONTENT, Severity.LOW, artifacts[-1].path, said)

class Links(Engine):
    """Gives targets beside findings."""
    name = "links"
    by_name = False
    types = frozenset({"text/plain"})
    def inspect(self, artifact):
        for word in artifact.data.split():
            if word.startswith(b"goto:"):
                yield Target(word.decode(), "host.example")
                yield Finding("links", "test.link", Kind.PHISHING, Severity.LOW)

class Fails(Engine):
    """Fails in every way there is."""
    name = "fails"
    by_name = False
    types = frozenset({"text/plain"})
    def inspect(self, artifact):
        yield Finding("fails", "test.before", Kind.CONTENT, Severity.LOW)
        if b"panic" in artifact.data:
            raise Panic("in native code")
        if b"memory" in artifact.data:
            raise MemoryError
        if b"flaw" in artifact.data:
            raise ValueError("a flaw")
        if b"interrupt" in artifact.data:
            raise KeyboardInterrupt
'''
FILTERS = '''
from lazaretto.model import Finding, Kind, Severity
from lazaretto.plugin import Filter

class Counting(Filter):
    """Says how much it was shown."""
    name = "counting"
    def judge(self, message, envelope, artifacts):
        if b"filter flaw" in message.raw:
            raise RuntimeError("a flaw")
        evidence = (envelope.id, str(len(artifacts)))
        yield Finding("counting", "test.count", Kind.SPAM, Severity.INFORMATIONAL, evidence=evidence)
'''
PAYLOAD = b"this is the payload\n"


@pytest.fixture
def inspector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inspector]:
    """With the engines and the filter above, and nothing else."""
    for group, name, text in (("engines", "test_engines_", ENGINES), ("filters", "test_filters_", FILTERS)):
        folder = tmp_path / group
        folder.mkdir()
        (folder / f"{name}.py").write_text(text)
        monkeypatch.setattr(f"lazaretto.{group}.__path__", [str(folder)])
    yield Inspector(config.load(None, {}))
    for name in ("lazaretto.engines.test_engines_", "lazaretto.filters.test_filters_"):
        sys.modules.pop(name, None)


def envelope() -> Envelope:
    sender, recipient = Address("a@b"), Address("c@d")
    return Envelope("01ID", "test", Direction.INBOUND, sender, (recipient,), Can.REPORT, model.now())


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def mail(*attachments: tuple[str, bytes], text: bytes = b"hello") -> bytes:
    parts = [b"Content-Type: text/plain\r\n\r\n" + text]
    parts += [
        b'Content-Type: application/octet-stream; name="%s"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        % name.encode()
        + base64.encodebytes(data)
        for name, data in attachments
    ]
    head = b"From: A <a@b>\r\nTo: c@d\r\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
    head += b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def test_the_line_from_a_mail_to_a_finding_with_its_path(inspector: Inspector) -> None:
    raw = mail(("docs.zip", zipped(a=zipped(b=PAYLOAD))))
    result = inspector.inspect(raw, envelope())
    (finding,) = [each for each in result.findings if each.source == "payload"]
    assert finding.artifact == "2/docs.zip!a!b"
    assert result.status is Status.INFECTED
    assert {artifact.path for artifact in result.artifacts} == {
        "1/part.txt",
        "2/docs.zip",
        "2/docs.zip!a",
        finding.artifact,
    }
    assert (result.properties.subject, result.properties.size) == ("grüße", len(raw))
    assert {"parse", "unpack", "filters", "engine.payload"} <= set(result.timings)
    assert all(seconds >= 0 for seconds in result.timings.values())


def test_engines_see_only_the_types_they_want(inspector: Inspector) -> None:
    result = inspector.inspect(mail(("a.js", b"var x = 1\n"), ("b.bin", b"\0\1\2")), envelope())
    assert [each.artifact for each in result.findings if each.source == "shells"] == ["2/a.js"]


def test_engines_judge_all_together_when_every_one_has_spoken(inspector: Inspector) -> None:
    for given in (envelope(), None):  # a mail from a door, and as a file
        result = inspector.inspect(mail(("a.zip", zipped(a=PAYLOAD))), given)
        (finding,) = [each for each in result.findings if each.source == "together"]
        assert (finding.artifact, finding.evidence) == ("2/a.zip!a", ("test.payload",))
        assert "judge.together" in result.timings
        assert "judge.payload" not in result.timings
    result = inspector.inspect(zipped(a=PAYLOAD, b=b"together flaw"), None, "a.zip")
    assert {finding.name for finding in result.findings} >= {"test.payload", "together.failed"}


@pytest.mark.parametrize("trouble", ["panic", "memory", "flaw"])
def test_an_engine_that_fails_is_a_finding_and_the_others_go_on(inspector: Inspector, trouble: str) -> None:
    result = inspector.inspect(mail(("x", PAYLOAD), text=trouble.encode()), envelope())
    (failed,) = [each for each in result.findings if each.kind is Kind.FAILED]
    assert (failed.source, failed.name, failed.artifact) == ("fails", "fails.failed", "1/part.txt")
    assert failed.severity >= Severity.MEDIUM
    sources = {each.source for each in result.findings}
    assert {"payload", "fails", "counting"} <= sources


def test_a_request_to_stop_is_obeyed(inspector: Inspector) -> None:
    with pytest.raises(KeyboardInterrupt):
        inspector.inspect(mail(text=b"interrupt"), envelope())


def test_failures_are_asked_again_and_answers_are_not(inspector: Inspector) -> None:
    engine = next(each for each in inspector._engines if each.name == "payload")
    raw = mail(("one", PAYLOAD), ("two", PAYLOAD), text=b"flaw")
    first = inspector.inspect(raw, envelope())
    assert type(engine).asked == 2  # the text, and the attachment once
    again = inspector.inspect(raw, envelope())
    assert type(engine).asked == 2
    assert again.findings == first.findings
    assert [each.artifact for each in first.findings if each.source == "payload"] == ["2/one", "3/two"]
    engine.edition = "2"  # type: ignore[attr-defined]  # the test engine's own
    inspector.inspect(raw, envelope())
    assert type(engine).asked == 4


def test_filters_see_the_whole_message_and_may_fail(inspector: Inspector) -> None:
    result = inspector.inspect(mail(("a.zip", zipped(b=b"1"))), envelope())
    (finding,) = [each for each in result.findings if each.source == "counting"]
    assert finding.evidence == ("01ID", "3")
    assert finding.artifact is None
    result = inspector.inspect(mail(text=b"filter flaw"), envelope())
    assert [each.kind for each in result.findings if each.source == "counting"] == [Kind.FAILED]


def test_files_without_an_envelope(inspector: Inspector) -> None:
    result = inspector.inspect(zipped(a=PAYLOAD), None, "docs.zip")
    assert [each.artifact for each in result.findings][:1] == ["docs.zip!a"]
    result = inspector.inspect(mail(("a.zip", zipped(b=PAYLOAD))), None, "saved.eml")
    assert [each.artifact for each in result.findings if each.source == "payload"] == ["2/a.zip!b"]
    assert result.properties.subject == "grüße"
    assert not [each for each in result.findings if each.source == "counting"]
    line = b"From a@b Mon Jan  1 00:00:00 2026\n"
    result = inspector.inspect(line + mail() + b"\n" + line + mail(("a.bin", PAYLOAD)), None, "inbox")
    assert [each.artifact for each in result.findings if each.source == "payload"] == ["inbox!2.eml!2/a.bin"]


@pytest.mark.parametrize("raw", [b"", b"\0", b"\xff" * 1000, b"\r\n\r\n", b"Content-Type: multipart/mixed\r\n\r\n"])
def test_nothing_makes_it_raise(inspector: Inspector, raw: bytes) -> None:
    assert inspector.inspect(raw, envelope()).properties.size == len(raw)
    assert inspector.inspect(raw, None).properties.size == len(raw)
    inspector.preview(raw)


def test_our_own_flaw_is_a_finding_too(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(raw: bytes) -> None:
        raise RuntimeError("a flaw")

    monkeypatch.setattr(inspection.parse, "parse", broken)
    result = inspector.inspect(b"x", envelope())
    assert [(each.name, each.kind) for each in result.findings] == [("inspection.failed", Kind.FAILED)]
    assert result.status is Status.UNSCANNABLE


def test_findings_are_bounded(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_FINDINGS", 3)
    result = inspector.inspect(mail(*((f"{n}.js", b"x = %d\n" % n) for n in range(10))), envelope())
    assert len(result.findings) == 4
    assert (result.findings[-1].name, result.findings[-1].kind) == ("limit.findings", Kind.LIMIT)


def test_targets_of_links_are_kept_once_and_cached(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = mail(("a.txt", b"goto:1 goto:2"), ("b.txt", b"goto:2 goto:3"))
    for _ in range(2):  # the second answer comes out of the cache
        found = inspector.inspect(raw, envelope())
        assert [target.url for target in found.targets] == ["goto:1", "goto:2", "goto:3"]
        assert [finding.artifact for finding in found.findings if finding.name == "test.link"] == [
            "2/a.txt", "2/a.txt", "3/b.txt", "3/b.txt",
        ]  # fmt: skip
    monkeypatch.setattr(inspection, "MOST_TARGETS", 2)
    found = inspector.inspect(raw, envelope())
    assert [target.url for target in found.targets] == ["goto:1", "goto:2"]
    (limit,) = [finding for finding in found.findings if finding.name == "limit.targets"]
    assert limit.severity is Severity.INFORMATIONAL


def test_a_crowd_of_oddities_hides_no_threat(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_FINDINGS", 3)
    run = inspection._Run(inspector, b"", None, "", ())
    severities = [*[Severity.LOW] * 5, Severity.HIGH, Severity.INFORMATIONAL, Severity.CRITICAL, Severity.HIGH]
    run.say(Finding("x", str(severity), Kind.MALWARE, severity) for severity in severities)
    kept = [finding.severity for finding in run.result().findings[:-1]]
    assert sorted(kept) == [Severity.HIGH, Severity.HIGH, Severity.CRITICAL]


def test_version_is_stable_and_follows_the_engines(inspector: Inspector) -> None:
    before = inspector.version
    assert before == inspector.version
    assert before.startswith("patterns-")
    next(each for each in inspector._engines if each.name == "payload").edition = "2"  # type: ignore[attr-defined]
    assert inspector.version != before


def test_preview_lists_what_is_inside(inspector: Inspector) -> None:
    preview = inspector.preview(mail(("a.zip", zipped(b=b"1")), text=b"read me"))
    assert "read me" in preview.text
    assert "2/a.zip!b" in {artifact.path for artifact in preview.artifacts}


def test_all_sections_are_checked_at_once(tmp_path: Path) -> None:
    file = tmp_path / "lazaretto.toml"
    file.write_text("[engines.patern]\n[filters.spamm]\n")
    with pytest.raises(ConfigError) as caught:
        Inspector(config.load(file, {}))
    assert [problem.line for problem in caught.value.problems] == [1, 2]


@pytest.mark.parametrize("declared", ["text/html", "image/svg+xml"])
@pytest.mark.parametrize("front", [b"", b"GIF89a\r\n", b"%PDF-1.4\r\n", bytes(50)])
def test_nothing_in_front_hides_a_page_from_whoever_goes_by_its_declared_type(front: bytes, declared: str) -> None:
    save = b"var b=new Blob([atob('%s')]);a.href=URL.createObjectURL(b);a.download='x.exe';a.click()"
    page = front + b"<html><script>" + save % base64.b64encode(b"MZ" + bytes(300)) + b"</script></html>"
    raw = (
        b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: "
        + declared.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(page) + b"--x--\r\n"
    )  # fmt: skip
    found = Inspector(config.load(None, {})).inspect(raw, envelope())
    assert "html.smuggling" in {finding.name for finding in found.findings}


def test_a_message_keeps_no_more_of_what_engines_say_than_it_may_say(
    inspector: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand attachments, each of which matches everything, would fill a worker's memory."""
    monkeypatch.setattr(inspection, "MOST_FINDINGS", 3)
    raw = mail(*((f"a{number}", PAYLOAD + bytes([number])) for number in range(9)))
    found = inspector.inspect(raw, envelope())
    assert [each.name for each in found.findings] == ["test.payload"] * 3 + ["limit.findings"]
    kept = [recall._unpacked(value) for value, _ in inspector.results._own.values()]
    assert sum(len(answers) for said in kept for answers in said.values()) <= 4
    assert inspector.inspect(raw, envelope()).findings == found.findings


@pytest.mark.parametrize("name", ["a.pdf.exe", "a.csv", "a.js", ""])
def test_what_is_kept_by_content_depends_on_content_alone(name: str) -> None:
    """An engine that reads names, places or declared types has to say ``by_name``: others get the answer of before."""
    samples = [
        *(b"MZ" + bytes(100), b"GIF89a=1;", b'=cmd|"/c calc"!A1,x\n', b"<html><script>eval(1)</script></html>"),
        *(b"ID;P\nC;EEXEC(1)\n", b"{\\rtf1 \\object}", PAYLOAD),
    ]
    for engine in Inspector(config.load(None, {}))._engines:
        for data in samples if not engine.by_name else ():
            kind = identify(data)
            bare = model.Artifact("1", (), data, kind, "", "1", None, 0, "0")
            full = replace(
                bare, path="9/x!y", names=(name, "b.doc"), declared="text/csv", part="9", parent="9/x", depth=3
            )
            assert list(engine.inspect(bare)) == list(engine.inspect(full)), engine.name


def test_what_costs_time_is_kept() -> None:
    """Forgotten where an engine is written, ``by_name`` costs speed and nothing tells."""
    asked_each_time = {engine.name for engine in Inspector(config.load(None, {}))._engines if engine.by_name}
    assert asked_each_time == {"names", "documents"}  # the latter says nothing of single artifacts


def test_what_others_are_to_judge_is_handed_out_first_and_once() -> None:
    given = {
        "engines": {
            "clamd": {"max_bytes": 1024},
            "icap": {"servers": ["icap://a/b"], "scan": "extensions", "extensions": ["txt"]},
        }
    }
    inspector = Inspector(config.Loaded(config.Config.model_validate(given), None))
    raw = mail(("a.bin", b"\0same"), ("b.txt", b"\0same"), ("c.bin", bytes(2000)))
    handed: list[tuple[tuple[str, ...], tuple[str, ...], bytes]] = []
    found = inspector.inspect(
        raw, envelope(), hand=lambda engines, paths, each: handed.append((engines, paths, each.data))
    )
    assert (("clamd",), ("2/a.bin",), b"\0same") in handed
    assert (("clamd", "icap"), ("3/b.txt",), b"\0same") in handed
    assert [(each.name, each.kind, each.artifact) for each in found.findings] == [
        ("clamd.max_bytes", Kind.LIMIT, "4/c.bin")
    ]
    assert next(each for each in found.artifacts if each.path == "2/a.bin").skipped == ("icap", "scripts", "urls")
    assert not inspector.inspect(raw, envelope()).findings  # nobody is asked when what was edited is looked at again
