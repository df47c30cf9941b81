from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import random
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lazaretto.config import Settings, Unpack
from lazaretto.errors import Encrypted, HostileInput, LimitExceeded, Malformed
from lazaretto.mime.parse import parse
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member, Unpacker
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

Script = Callable[[Artifact], Iterator[Member | Finding]]


def scripted(script: Script, kind: str = "text/plain") -> Unpacker:
    """An unpacker that does what a test says."""

    class Scripted(Unpacker):
        name: ClassVar[str] = "scripted"
        types: ClassVar[frozenset[str]] = frozenset({kind})

        def unpack(self, artifact: Artifact) -> Iterator[Member | Finding]:
            return script(artifact)

    return Scripted(Settings())


def run(script: Script, data: bytes = b"text", **limits: float) -> tuple[list[Artifact], list[Finding]]:
    things = list(tree.explode(data, ("x",), Budget(Unpack.model_validate(limits)), [scripted(script)]))
    return (
        [thing for thing in things if isinstance(thing, Artifact)],
        [thing for thing in things if isinstance(thing, Finding)],
    )


# ---------------------------------------------------------------------------- shape


def test_paths_names_and_parents_all_the_way_down(kit: Any) -> None:
    inner = kit.zip_of({"word/document.xml": kit.payload, "[Content_Types].xml": b"<"})
    data = kit.tar_of({"docs/outer.zip": kit.zip_of({"docs/a.docx": inner})})
    found = kit.exploded(gzip.compress(data), "invoice.tgz")
    path = "invoice.tgz!invoice.tar!docs/outer.zip!docs/a.docx!word/document.xml"
    assert found.data[path] == kit.payload
    artifact = next(each for each in found.artifacts if each.path == path)
    assert (artifact.depth, artifact.parent, artifact.part) == (4, path.rpartition("!")[0], None)
    assert artifact.sha256 == hashlib.sha256(kit.payload).hexdigest()
    assert found.findings == []


def test_outer_things_come_before_inner_ones(kit: Any) -> None:
    found = kit.exploded(kit.zip_of({"a.zip": kit.zip_of({"inner": b"1"}), "b.txt": b"2"}))
    assert list(found.data) == ["x", "x!a.zip", "x!b.txt", "x!a.zip!inner"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice%202Efdp.exe"),
        ("a!b%c", "a%21b%25c"),
        ("line\r\nbreak\0", "line%0D%0Abreak%00"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("n" * 250, "n" * 200 + "…"),
        ("\ud800", "%D800"),
        ("", "unnamed"),
    ],
)
def test_names_are_made_safe_for_display_only(name: str, shown: str) -> None:
    artifacts, _ = run(lambda artifact: iter([Member((name,), [b"\0\1"])]))
    assert artifacts[1].path == f"x!{shown}"
    assert artifacts[1].names == (name.replace("\ud800", "?"),)
    artifacts[1].path.encode()


def test_long_and_many_names_keep_what_tells_the_kind_of_file() -> None:
    names = ("a" * 100_000 + ".exe", *map(str, range(1000)))
    artifacts, _ = run(lambda artifact: iter([Member(names, [b"1"])]))
    assert artifacts[1].name.endswith("a.exe")
    assert sum(map(len, artifacts[1].names)) < 2000


def test_paths_stay_short_and_different_however_deep_they_go(kit: Any) -> None:
    data = kit.zip_of({"\u202e" * 150 + str(number): b"1" for number in range(3)})
    for _ in range(10):
        data = kit.zip_of({"\u202e" * 150 + ".zip": data})
    paths = list(kit.exploded(data, "a.zip").data)
    assert max(map(len, paths)) < 1100
    assert len(set(paths)) == 1 + 10 + 3
    assert all(path.startswith("a.zip") for path in paths)


def test_members_of_one_name_get_different_paths() -> None:
    artifacts, _ = run(lambda artifact: iter([Member(("a",), [b"\0%d" % n]) for n in range(3)]))
    assert [artifact.path for artifact in artifacts[1:]] == ["x!a", "x!a#2", "x!a#3"]


def test_the_same_bytes_are_listed_each_time_and_opened_once(kit: Any) -> None:
    inner = kit.zip_of({"deep.txt": b"1"})
    found = kit.exploded(kit.zip_of({"a.zip": inner, "b.zip": inner}))
    assert list(found.data) == ["x", "x!a.zip", "x!b.zip", "x!a.zip!deep.txt"]


def test_the_same_archive_in_two_parts_is_opened_in_both(kit: Any) -> None:
    part = b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    part += base64.encodebytes(kit.zip_of({"run.exe": b"1"}))
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part + part + b"--b--\r\n"
    things = tree.explode_message(parse(raw), Budget(Unpack()), kit.unpackers())
    assert [each.part for each in things if isinstance(each, Artifact) and each.name == "run.exe"] == ["1", "2"]


# ---------------------------------------------------------------------------- what goes wrong


def raising(error: Exception) -> Iterator[bytes]:
    yield b"\0some "
    yield b"data"
    raise error


@pytest.mark.parametrize(
    ("error", "name", "kind"),
    [
        (Malformed("broken"), "unpack.malformed", Kind.FAILED),
        (HostileInput("odd"), "unpack.malformed", Kind.FAILED),
        (Encrypted("locked"), "unpack.encrypted", Kind.ENCRYPTED),
        (LimitExceeded("memory", "big"), "limit.memory", Kind.LIMIT),
        (ValueError("a flaw"), "unpack.crashed", Kind.FAILED),
        (RecursionError(), "unpack.crashed", Kind.FAILED),
        (MemoryError(), "unpack.crashed", Kind.FAILED),
    ],
)
def test_trouble_in_a_member_keeps_what_was_read_and_the_next(error: Exception, name: str, kind: Kind) -> None:
    artifacts, findings = run(lambda artifact: iter([Member(("a",), raising(error)), Member(("b",), [b"\0ok"])]))
    assert [artifact.data for artifact in artifacts[1:]] == [b"\0some data", b"\0ok"]
    (finding,) = findings
    assert (finding.name, finding.kind, finding.artifact, finding.source) == (name, kind, "x!a", "unpack")
    assert finding.severity is Severity.MEDIUM


def test_trouble_in_an_unpacker_is_a_finding_about_the_container() -> None:
    def script(artifact: Artifact) -> Iterator[Member | Finding]:
        yield Member(("a",), [b"\0"])
        raise KeyError("a flaw")

    artifacts, findings = run(script)
    assert len(artifacts) == 2
    assert [(finding.name, finding.artifact) for finding in findings] == [("unpack.crashed", "x")]


def test_a_finding_without_artifact_is_about_the_container() -> None:
    finding = Finding("unpack", "odd", Kind.AMBIGUOUS, Severity.LOW)
    _, findings = run(lambda artifact: iter([finding]))
    assert findings[0].artifact == "x"


def test_findings_without_end_are_a_limit() -> None:
    def script(artifact: Artifact) -> Iterator[Member | Finding]:
        while True:
            yield Finding("unpack", "odd", Kind.AMBIGUOUS, Severity.LOW)

    _, findings = run(script)
    assert len(findings) == 201
    assert findings[-1].name == "limit.findings"


def test_a_container_that_nothing_opens_is_never_silent(kit: Any) -> None:
    found = kit.exploded((b"\xeb\x76\x90EXFAT   " + bytes(499)) + b"\x55\xaa", "a.img")
    finding = found.finding("unpack.unsupported")
    assert (finding.kind, finding.severity, finding.artifact) == (Kind.LIMIT, Severity.MEDIUM, "a.img")
    assert kit.exploded(b"%PDF-1.4 is no archive").findings == []


def test_an_archive_that_is_opened_does_not_speak_for_one_that_is_not(kit: Any) -> None:
    both = b"\xeb\x76\x90EXFAT   " + bytes(499) + b"\x55\xaa" + kit.zip_of({"harmless.txt": b"1"})
    found = kit.exploded(both, "a.img")
    assert "a.img!harmless.txt" in found.data
    assert found.finding("unpack.unsupported").evidence == ("nothing here opens application/x-exfat",)


# ---------------------------------------------------------------------------- limits


def test_depth(kit: Any) -> None:
    data = kit.payload
    for level in range(6):
        data = kit.zip_of({f"{level}.zip": data})
    found = kit.exploded(data, depth=4)
    assert len(found.artifacts) == 5
    finding = found.finding("limit.depth")
    assert (finding.kind, finding.artifact) == (Kind.LIMIT, "x!5.zip!4.zip!3.zip!2.zip")
    assert kit.exploded(data, depth=6).findings == []


def test_time() -> None:
    class Clock:
        now = 0.0

        def __call__(self) -> float:
            self.now += 1
            return self.now

    def script(artifact: Artifact) -> Iterator[Member | Finding]:
        while True:
            yield Member(("a",), [b"\0"])

    budget = Budget(Unpack(seconds=50, artifact_seconds=60), Clock())
    things = list(tree.explode(b"text", ("x",), budget, [scripted(script)]))
    assert isinstance(things[-1], Finding)
    assert things[-1].name == "limit.seconds"
    assert len(things) < 60


def endless(artifact: Artifact) -> Iterator[Member | Finding]:
    def chunks() -> Iterator[bytes]:
        while True:
            yield bytes(100_000)

    yield Member(("endless",), chunks())
    yield Member(("next",), [b"\0next"])


def test_member_bytes_cuts_the_member_and_goes_on() -> None:
    artifacts, findings = run(endless, bytes(10) + b"x" * 10, member_bytes=250_000)
    assert findings == []
    artifacts, findings = run(endless, b"text" * 1000, member_bytes=250_000)
    assert [len(artifact.data) for artifact in artifacts[1:]] == [250_000, 5]
    assert [(finding.name, finding.artifact) for finding in findings] == [("limit.member_bytes", "x!endless")]


def test_total_bytes_ends_everything() -> None:
    artifacts, findings = run(endless, b"text" * 1000, total_bytes=250_000)
    assert sum(len(artifact.data) for artifact in artifacts) == 250_000
    assert [finding.name for finding in findings] == ["limit.total_bytes"]


def test_ratio_ends_the_container() -> None:
    artifacts, findings = run(endless, b"text" * 1000, ratio=300)
    assert [finding.name for finding in findings] == ["limit.ratio"]
    assert len(artifacts) == 2
    assert 1_200_000 <= len(artifacts[1].data) + 4000 <= 1_400_000


def test_count_ends_everything(kit: Any) -> None:
    found = kit.exploded(kit.zip_of({f"{n}": b"%d" % n for n in range(30)}), count=10)
    assert len(found.artifacts) == 10
    assert found.names == {"limit.count"}


def test_bomb_in_the_first_archive_does_not_hide_what_stands_beside_it(kit: Any) -> None:
    bomb = kit.zip_of({"zeros": bytes(20_000_000)})
    found = kit.exploded(kit.zip_of([("bomb.zip", bomb), ("evil.js", kit.payload)]), total_bytes=1_000_000)
    assert found.data["x!evil.js"] == kit.payload
    assert "limit.total_bytes" in found.names


# ---------------------------------------------------------------------------- any bytes

LIMITS = {"depth": 4, "count": 40, "member_bytes": 20_000, "total_bytes": 60_000}


def check(found: Any) -> None:
    assert "unpack.crashed" not in found.names, found.findings
    assert len(found.artifacts) <= LIMITS["count"]
    assert sum(len(artifact.data) for artifact in found.artifacts) <= LIMITS["total_bytes"]
    assert all(len(artifact.data) <= LIMITS["member_bytes"] for artifact in found.artifacts)
    assert all(artifact.depth <= LIMITS["depth"] for artifact in found.artifacts)
    assert len({artifact.path for artifact in found.artifacts}) == len(found.artifacts)
    paths = {artifact.path for artifact in found.artifacts}
    assert all(finding.artifact in paths for finding in found.findings if finding.name != "limit.count")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=2000), st.sampled_from([b"", b"PK\3\4", b"\x1f\x8b\x08", b"BZh91AY&SY", b"From: a\nTo: b\n"]))
def test_any_bytes_end_within_the_limits(kit: Any, data: bytes, start: bytes) -> None:
    check(kit.exploded(start + data, **LIMITS))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.sampled_from(["zip", "stored", "tar", "gzip", "bzip2", "mail"]))
def test_damaged_archives_end_within_the_limits(kit: Any, seed: int, kind: str) -> None:
    source = random.Random(seed)
    files = {"a.txt": kit.payload * 3, "b.zip": kit.zip_of({"c.bin": bytes(30_000)}), "d": b"x" * 50}
    data = bytearray(
        {
            "zip": lambda: kit.zip_of(files),
            "stored": lambda: kit.zip_of(files, 0),
            "tar": lambda: kit.tar_of(files),
            "gzip": lambda: gzip.compress(kit.tar_of(files)) * 2,
            "bzip2": lambda: bz2.compress(kit.zip_of(files)),
            "mail": lambda: (
                b"From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + kit.zip_of(files) + b"\n--b"
            ),
        }[kind]()
    )
    for _ in range(source.randint(1, 8)):
        at = source.randrange(len(data))
        match source.randrange(4):
            case 0:
                data[at] = source.randrange(256)
            case 1:
                del data[at : at + source.randrange(40)]
            case 2:
                data[at:at] = data[source.randrange(len(data)) :][: source.randrange(200)]
            case 3:
                data[at : at + 4] = source.choice([b"\xff" * 4, bytes(4), b"PK\3\4", b"PK\1\2", b"PK\5\6"])
        if not data:
            return
    check(kit.exploded(bytes(data), **LIMITS))


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("text/html", b'words first, <a href="data:application/zip;base64,%s">'),
        ("application/xhtml+xml", b"words <x src='data:;base64,%s'>"),
        ("text/calendar", b"X-BEFORE:1\r\nATTACH;VALUE=BINARY:%s\r\n"),
        ("text/vcard", b"X-BEFORE:1\r\nPHOTO;ENCODING=b:%s\r\n"),
    ],
)
def test_a_text_is_also_opened_as_what_it_is_declared(kit: Any, declared: str, body: bytes) -> None:
    packed = base64.b64encode(b"\x01 short")  # too little for what looks for base64 in any text
    mail = b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: " + declared.encode() + b"\r\n\r\n" + body % packed
    assert b"\x01 short" in kit.exploded(mail).data.values()
    plain = mail.replace(declared.encode(), b"text/plain")
    assert b"\x01 short" not in kit.exploded(plain).data.values()


@pytest.mark.parametrize(("limits", "name"), [({"total_bytes": 5000}, "total_bytes"), ({"ratio": 10}, "ratio")])
def test_a_limit_that_a_guess_meets_for_all_is_told(kit: Any, limits: dict[str, int], name: str) -> None:
    def script(_: Artifact) -> Iterator[Member | Finding]:
        yield Member(("guess",), [bytes(2 << 20)], guess=True)
        yield Member(("payload",), [kit.payload])

    assert f"limit.{name}" in kit.exploded(b"text", only=[scripted(script)], **limits).names
