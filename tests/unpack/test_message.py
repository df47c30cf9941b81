from __future__ import annotations

import base64
from typing import Any

import pytest

from lazaretto import config
from lazaretto.config import Unpack
from lazaretto.mime import parse
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Member
from lazaretto.unpack import message as mail
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

CONFIG = config.load(None, {})


def mixed(*parts: bytes, boundary: bytes = b"b", before: bytes = b"", after: bytes = b"") -> bytes:
    lines = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    header = b'From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    return header + before + lines + b"--" + boundary + b"--\r\n" + after


def attached(name: bytes, data: bytes, kind: bytes = b"application/octet-stream") -> bytes:
    field = b'Content-Disposition: attachment; filename="' + name + b'"\r\n'
    return (
        b"Content-Type: " + kind + b"\r\n" + field + b"Content-Transfer-Encoding: base64\r\n\r\n"
    ) + base64.encodebytes(data)


def exploded(raw: bytes, unpackers: Any) -> tuple[dict[str, Artifact], list[Finding]]:
    things = list(tree.explode_message(parse.parse(raw), Budget(Unpack()), unpackers))
    artifacts = {thing.path: thing for thing in things if isinstance(thing, Artifact)}
    return artifacts, [thing for thing in things if isinstance(thing, Finding)]


def test_every_leaf_is_decoded_and_named(kit: Any) -> None:
    raw = mixed(b"Content-Type: text/plain\r\n\r\nhello", attached(b"x.zip", kit.zip_of({"run.js": kit.payload})))
    artifacts, findings = exploded(raw, kit.unpackers())
    assert list(artifacts) == ["1/part.txt", "2/x.zip", "2/x.zip!run.js"]
    inner = artifacts["2/x.zip!run.js"]
    assert (inner.data, inner.part, inner.parent, inner.depth) == (kit.payload, "2", "2/x.zip", 1)
    assert artifacts["2/x.zip"].type == "application/zip"
    assert artifacts["2/x.zip"].declared == "application/octet-stream"
    assert findings == []


def test_a_message_of_one_part(kit: Any) -> None:
    artifacts, _ = exploded(b"Subject: x\r\n\r\nhello\r\n", kit.unpackers())
    (artifact,) = artifacts.values()
    assert (artifact.path, artifact.part, artifact.data) == ("part.txt", "", b"hello\r\n")


def test_forwarded_mail_in_mail_in_zip(kit: Any) -> None:
    inner = mixed(attached(b"evil.exe", kit.payload))
    outer = mixed(b"Content-Type: message/rfc822\r\n\r\n" + mixed(attached(b"a.zip", kit.zip_of({"m.eml": inner}))))
    # an own boundary inside, so that the outer one does not end it
    outer = mixed(
        b"Content-Type: message/rfc822\r\n\r\n"
        + mixed(attached(b"a.zip", kit.zip_of({"m.eml": inner})), boundary=b"inner"),
    )
    artifacts, findings = exploded(outer, kit.unpackers())
    path = "1/part.eml!1/a.zip!m.eml!1/evil.exe"
    assert artifacts[path].data == kit.payload
    assert artifacts[path].part == "1"
    assert findings == []


def test_declared_mail_is_read_as_mail_whatever_it_looks_like(kit: Any) -> None:
    inner = b"X-Odd: 1\r\n\r\n" + kit.payload
    artifacts, _ = exploded(mixed(b"Content-Type: message/rfc822\r\n\r\n" + inner), kit.unpackers())
    assert any(artifact.data.startswith(kit.payload.rstrip()) for artifact in artifacts.values())


def test_text_around_the_parts_is_looked_at(kit: Any) -> None:
    artifacts, _ = exploded(
        mixed(b"\r\nhello", before=b"before the parts\r\n", after=b"behind the parts\r\n"), kit.unpackers()
    )
    assert artifacts["preamble"].data.strip() == b"before the parts"
    assert artifacts["epilogue"].data.strip() == b"behind the parts"
    artifacts, _ = exploded(mixed(b"\r\nhello", before=b"\r\n", after=b"\r\n\r\n"), kit.unpackers())
    assert list(artifacts) == ["1/part.txt"]


def test_fields_that_contradict_each_other_are_a_finding(kit: Any) -> None:
    part = b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\naGVsbG8="
    _, findings = exploded(mixed(part), kit.unpackers())
    (finding,) = findings
    assert (finding.name, finding.kind) == ("mime.ambiguous", Kind.AMBIGUOUS)
    assert finding.severity is Severity.INFORMATIONAL
    assert finding.evidence == ("duplicate-field in part 1", "also read as last-field (mutt)")


@pytest.mark.parametrize("parameters", [b"", b"; boundary=(boundary=b)bar"])
def test_a_multipart_whose_parts_we_cannot_see_is_a_finding(kit: Any, parameters: bytes) -> None:
    raw = b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed" + parameters
    found = kit.exploded(raw + b"\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nMTIz\r\n--b--\r\n")
    assert found.finding("mime.ambiguous").kind is Kind.AMBIGUOUS


def test_a_piece_of_a_message_is_a_limit(kit: Any) -> None:
    raw = (
        b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: message/partial; id=1; number=1; total=2\r\n\r\nFrom: c@d\r\n"
    )
    assert kit.exploded(raw).finding("mime.partial").kind is Kind.LIMIT


def test_limits_of_the_parser_are_limits() -> None:
    raw = mixed(*(b"\r\nhello" for _ in range(20)))
    found = list(mail.parts(parse.parse(raw, max_parts=5)))
    (finding,) = [thing for thing in found if isinstance(thing, Finding)]
    assert (finding.name, finding.kind) == ("limit.parts", Kind.LIMIT)
    assert all(isinstance(thing, Member) for thing in found if thing is not finding)


def test_mbox(kit: Any) -> None:
    line = b"From a@b Mon Jan  1 00:00:00 2026\n"
    data = line + b"Subject: 1\n\nFrom here on it is text\n\n" + line + mixed(attached(b"e.js", kit.payload))
    found = kit.exploded(data, "inbox")
    assert found.types["inbox"] == "application/mbox"
    assert found.data["inbox!2.eml!1/e.js"] == kit.payload
    assert found.data["inbox!1.eml!part.txt"] == b"From here on it is text\n\n"
    assert found.findings == []


@pytest.mark.parametrize("name", ["page.mht", "page.mhtml", "page"])
def test_a_web_archive_is_a_mail(kit: Any, name: str) -> None:
    """RFC 2557: the parts of a page, told apart by Content-Location."""
    packed = base64.b64encode(kit.zip_of({"run.js": kit.payload}))
    data = (
        b"From: <Saved by a browser>\r\nSnapshot-Content-Location: file:///a.htm\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n'
        b"Content-Location: file:///a.htm\r\n\r\n<html>\r\n--x\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-Location: file:///a.zip\r\n\r\n" + packed + b"\r\n--x--\r\n"
    )
    found = kit.exploded(data, name)
    assert kit.payload in found.data.values()
    assert found.findings == []
