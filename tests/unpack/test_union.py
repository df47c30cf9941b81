"""What other readers see comes out too, once, with its place; and how much it matters is said."""

from __future__ import annotations

import random
from base64 import b64decode, b64encode, encodebytes
from typing import Any

import pytest

from lazaretto.model import Kind, Severity, Status, status_of

TOP = b"From: a@b\r\nTo: c@d\r\nMIME-Version: 1.0\r\n"


def mixed(*parts: bytes, boundary: bytes = b"b", more: bytes = b"") -> bytes:
    lines = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    field = b"Content-Type: multipart/mixed; boundary=" + boundary + more
    return TOP + field + b"\r\n\r\n" + lines + b"--" + boundary + b"--\r\n"


def test_ordinary_mail_has_one_view(kit: Any) -> None:
    text = b"Content-Type: text/plain\r\n\r\nhello -- see you\r\n-- \r\nAnn\r\n"
    file = b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = kit.exploded(mixed(text, file + encodebytes(kit.zip_of({"a": b"1"}))), "m.eml")
    assert list(found.data) == ["m.eml", "m.eml!1/part.txt", "m.eml!2/part.zip", "m.eml!2/part.zip!a"]
    assert found.findings == []


def test_two_encodings_of_an_archive_are_two_faced(kit: Any) -> None:
    fields = b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = kit.exploded(mixed(fields + encodebytes(kit.zip_of({"run.js": kit.payload}))), "m.eml")
    assert found.data["m.eml!1~base64/part.zip!run.js"] == kit.payload
    finding = found.finding("mime.two-faced")
    assert (finding.kind, finding.severity) == (Kind.AMBIGUOUS, Severity.MEDIUM)
    assert finding.evidence[0] == "read as base64: application/zip that others do not see"


@pytest.mark.parametrize("name", ["a.zip", "a.pdf"])
def test_the_footer_of_a_list_behind_the_padding_is_no_second_face(kit: Any, name: str) -> None:
    file = b"%PDF-1.7\n" + bytes(500) if name == "a.pdf" else kit.zip_of({"a": random.Random(3).randbytes(499)})
    file += b"\n" * ((1 - len(file)) % 3)  # two padding characters
    fields = b'Content-Type: application/octet-stream; name="%s"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    footer = b"_______________\r\nx mailing list\r\nx@lists.example\r\nhttps://lists.example/mailman/listinfo/x\r\n"
    found = kit.exploded(TOP + fields % name.encode() + encodebytes(file) + footer, "m.eml")
    assert found.finding("mime.ambiguous").severity is Severity.INFORMATIONAL
    assert [each for each in found.findings if each.severity] == []


@pytest.mark.parametrize("odd", [b"X-Spam-Report: a\r\n \r\n  b\r\n", b"X-Report: a\r\nnot folded\r\n", b">From a\r\n"])
def test_a_header_that_ends_early_for_some_loses_and_is_no_second_face(kit: Any, odd: bytes) -> None:
    fields = b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = kit.exploded(b"Subject: x\r\n" + odd + mixed(fields + encodebytes(kit.zip_of({"a": b"1"}))), "m.eml")
    assert found.finding("mime.ambiguous").severity is Severity.INFORMATIONAL
    assert [each for each in found.findings if each.severity] == []


def test_two_encodings_of_a_text_are_only_odd(kit: Any) -> None:
    fields = b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = kit.exploded(mixed(fields + b64encode(b"hello, this is a text")), "m.eml")
    assert b"hello, this is a text" in found.data.values()
    assert found.finding("mime.ambiguous").severity is Severity.INFORMATIONAL


def test_two_trees_in_one_body(kit: Any) -> None:
    inner = b"--c\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    inner += encodebytes(kit.zip_of({"x": kit.payload})) + b"\r\n--c--\r\n"
    found = kit.exploded(mixed(b"\r\n" + inner, more=b"; boundary=c"), "m.eml")
    assert found.holds(kit.payload)
    assert "read as boundary-2" in found.finding("mime.two-faced").evidence[0]


def test_mail_pasted_into_a_text_is_inspected_and_blames_nobody(kit: Any) -> None:
    field = b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    pasted = mixed(field + b64encode(kit.zip_of({"x": kit.payload})))
    found = kit.exploded(TOP + b"Content-Type: text/plain\r\n\r\nUndelivered:\r\n" + pasted, "m.eml")
    assert found.holds(kit.payload)
    assert status_of(tuple(found.findings)) is Status.CLEAN


def test_a_guess_that_cannot_be_opened_is_no_finding(kit: Any) -> None:
    broken = b64encode(kit.zip_of({"x": random.Random(1).randbytes(500)})[:200])
    part = b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + broken
    text = TOP + b"Content-Type: text/plain\r\n\r\nlook:\r\n" + mixed(part)
    assert status_of(tuple(kit.exploded(text, "m.eml").findings)) is Status.CLEAN
    assert status_of(tuple(kit.exploded(mixed(part), "m.eml").findings)) is Status.UNSCANNABLE


@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable"])
def test_an_encoded_multipart_is_opened(kit: Any, encoding: bytes) -> None:
    body = b"--c\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\n" + kit.payload + b"\r\n--c--\r\n"
    encoded = encodebytes(body) if encoding == b"base64" else body.replace(b"=", b"=3D").replace(b"load", b"=6Coad")
    field = b"Content-Type: multipart/mixed; boundary=c\r\nContent-Transfer-Encoding: "
    found = kit.exploded(mixed(field + encoding + b"\r\n\r\n" + encoded), "m.eml")
    assert any(artifact.names == ("x.txt",) and kit.payload.strip() in artifact.data for artifact in found.artifacts)


def test_a_reading_that_only_leaves_something_out_is_not_told(kit: Any) -> None:
    assert kit.exploded(b"Hello,\r\n\r\nno header at all\r\n\r\nAnn\r\n", "m.eml").findings == []
    told = kit.exploded(TOP + b"Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nhello", "m.eml")
    assert told.finding("mime.ambiguous").evidence == ("duplicate-field in part (root)",)


def test_what_stands_in_a_broken_header_is_looked_at(kit: Any) -> None:
    found = kit.exploded(TOP + b"junk " + kit.payload + b"Subject: x\r\n\r\nhello", "m.eml")
    assert found.holds(kit.payload)


def test_the_same_bytes_are_handed_on_once(kit: Any) -> None:
    part = b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nthe same for both"
    found = kit.exploded(mixed(part), "m.eml")
    assert list(found.data.values()).count(b"the same for both") == 1


def test_a_place_in_the_message_as_it_stands_is_named(kit: Any) -> None:
    hidden = b"--c\r\nContent-Type: text/plain\r\n\r\n" + kit.payload + b"\r\n--c--\r\n"
    found = kit.exploded(mixed(b"\r\nfirst", b"Content-Type: multi/part; boundary=c\r\n\r\n" + hidden), "m.eml")
    paths = [path for path, data in found.data.items() if data.strip() == kit.payload.strip()]
    assert paths[0] == "m.eml!2~observed/part.txt"


def test_a_delimiter_behind_a_bare_cr_is_one_for_some(kit: Any) -> None:
    """Python's email ends lines at it, and skips what stands in base64 and is none, be it a delimiter of nothing."""
    archive = kit.zip_of({"run.js": kit.payload * 20})
    encoded = encodebytes(archive)
    at = encoded.index(b"\n", len(encoded) // 2) + 1
    noise = b"--frontier\nContent-Type: text/plain\n\n***\n"
    # The characters of base64 in it are made up for: a stretch of them decodes to as many bytes in a comment.
    hidden = b"Content-Type: text/plain\n\nhello\r--b\rContent-Transfer-Encoding: base64\r\n\n"
    raw = mixed(hidden + encoded[:at] + noise + encoded[at:])
    kept = bytes(code for code in encoded[:at] + noise + encoded[at:] if chr(code).isalnum() or code in b"+/=")
    decoded = b64decode(kept + b"=" * (-len(kept) % 4))
    assert kit.exploded(raw, "m.eml").holds(decoded)


def test_a_bare_cr_and_a_bare_lf_do_not_make_up_for_each_other(kit: Any) -> None:
    encoded = encodebytes(kit.zip_of({"run.js": kit.payload}))
    part = (
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nX-A: b\r" + encoded[:2] + b"\n" + encoded[2:]
    )
    assert kit.exploded(mixed(part).replace(b"boundary=b\n", b"boundary=b\r\n"), "m.eml").holds(kit.payload)
