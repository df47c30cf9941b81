from __future__ import annotations

import base64
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make
from tests.unpack.conftest import exploded

from lazaretto.model import Kind, Status, status_of
from lazaretto.testing import mail

ENTITY = (
    b'Content-Type: application/octet-stream; name="run.js"\r\nContent-Transfer-Encoding: base64\r\n'
    b"Content-Disposition: attachment; filename=run.js\r\n\r\n"
)


def entity(payload: bytes) -> bytes:
    return ENTITY + base64.encodebytes(payload).replace(b"\n", b"\r\n")


def mime(body: bytes, kind: bytes = b"application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> bytes:
    head = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + kind
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(body).replace(b"\n", b"\r\n")


Openssl = Callable[..., bytes]


@pytest.fixture(scope="session")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> Openssl:
    """Runs ``openssl cms`` on a content, with a key of its own."""
    place: Path = tmp_path_factory.mktemp("smime")

    def run(*arguments: str, content: bytes = b"") -> bytes:
        done = subprocess.run(["openssl", *arguments], cwd=place, input=content, capture_output=True)
        if done.returncode:
            pytest.skip(f"openssl refuses {arguments}: {done.stderr.decode()[:200]}")
        return done.stdout

    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-subj", "/CN=x", "-days", "3")
    return run


SIGN = ("cms", "-sign", "-signer", "c", "-inkey", "k", "-binary", "-nodetach")


@pytest.mark.parametrize("options", [(), ("-stream", "-indef"), ("-noattr", "-nocerts")])
def test_signed_by_openssl(kit: Any, openssl: Openssl, options: tuple[str, ...]) -> None:
    der = openssl(*SIGN, *options, "-outform", "DER", content=entity(kit.payload))
    found = kit.exploded(mime(der))
    assert found.data["x!smime.p7m!part.eml!run.js"] == kit.payload
    assert found.types["x!smime.p7m"] == "application/cms"
    assert found.findings == []


@pytest.mark.parametrize("label", [b"CMS", b"PKCS7", b"PKCS #7 SIGNED DATA"])
def test_signed_in_pem_in_a_text(kit: Any, openssl: Openssl, label: bytes) -> None:
    pem = openssl(*SIGN, "-outform", "PEM", content=entity(kit.payload)).replace(b"CMS", label)
    found = kit.exploded(b"Here it is:\n\n" + pem, "mail.txt")
    assert found.types["mail.txt"] == "text/plain"
    assert found.data["mail.txt!part.eml!run.js"] == kit.payload
    assert found.findings == []


def test_encrypted_by_openssl(kit: Any, openssl: Openssl) -> None:
    der = openssl("cms", "-encrypt", "-outform", "DER", "c", content=entity(kit.payload))
    (finding,) = kit.exploded(mime(der)).findings
    assert (finding.kind, finding.artifact) == (Kind.ENCRYPTED, "x!smime.p7m")
    assert "enveloped" in finding.evidence[0]


def test_an_ordinary_signature_and_certificates_are_nothing(kit: Any, openssl: Openssl) -> None:
    smime = openssl("cms", "-sign", "-signer", "c", "-inkey", "k", content=b"Content-Type: text/plain\r\n\r\nhello\r\n")
    assert b"multipart/signed" in smime
    found = kit.exploded(b"From: a@b.example\r\n" + smime.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert any(path.endswith("smime.p7s") for path in found.data)
    assert len(found.artifacts) == 3 or "preamble" in "".join(found.data)
    assert found.findings == []
    certificates = openssl("crl2pkcs7", "-nocrl", "-certfile", "c", "-outform", "DER")
    assert kit.exploded(mail(attachments={"chain.p7b": certificates})).findings == []
    text = openssl("crl2pkcs7", "-nocrl", "-certfile", "c")
    assert b"BEGIN PKCS7" in text
    assert kit.exploded(text, "chain.p7b").findings == []


@pytest.mark.parametrize("piece", [0, 1, 1000])
def test_signed_in_pieces(kit: Any, piece: int) -> None:
    found = kit.exploded(mime(make.signed(entity(kit.payload * 100), piece=piece)))
    assert found.data["x!smime.p7m!part.eml!run.js"] == kit.payload * 100
    assert found.findings == []


def test_a_header_of_one_field_is_a_header(kit: Any) -> None:
    parts = b"--b\r\n" + entity(kit.payload) + b"--b--\r\n"
    found = kit.exploded(mime(make.signed(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts)))
    assert found.data["x!smime.p7m!part.txt!1/run.js"] == kit.payload
    assert found.findings == []


@pytest.mark.parametrize("piece", [0, 50])
def test_compressed(kit: Any, piece: int) -> None:
    found = kit.exploded(mime(make.compressed(entity(kit.payload), piece=piece), b"application/x-pkcs7-mime"))
    assert found.data["x!part.p7m!part.eml!run.js"] == kit.payload
    assert found.findings == []


def test_signed_then_compressed_then_signed(kit: Any) -> None:
    head = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    inner = head + make.compressed(head + make.signed(entity(kit.payload)))
    found = kit.exploded(mime(make.signed(inner)))
    assert found.holds(kit.payload)
    assert any(path.endswith("!smime.p7m!part.eml!run.js") for path in found.data)
    assert found.findings == []


def test_content_that_is_no_mail_is_what_it_is(kit: Any) -> None:
    found = kit.exploded(make.signed(kit.zip_of({"run.js": kit.payload})), "a.p7m")
    assert found.data["a.p7m!part.zip!run.js"] == kit.payload


def test_what_stands_behind_is_looked_at(kit: Any) -> None:
    found = kit.exploded(make.signed(None) + kit.payload, "a.p7s")
    assert found.data["a.p7s!trailing-data"] == kit.payload.strip()


@pytest.mark.parametrize("kind", [make.ENVELOPED, make.ENCRYPTED, make.AUTH_ENVELOPED])
def test_every_hidden_kind(kit: Any, kind: bytes) -> None:
    (finding,) = kit.exploded(make.enveloped(kind), "a.p7m").findings
    assert (finding.name, finding.kind) == ("unpack.encrypted", Kind.ENCRYPTED)


def test_one_bad_block_does_not_hide_another(kit: Any) -> None:
    text = make.armoured(make.enveloped(), b"CMS") + make.armoured(make.signed(entity(kit.payload)), b"CMS")
    found = kit.exploded(text, "a.txt")
    assert found.holds(kit.payload)
    assert [finding.kind for finding in found.findings] == [Kind.ENCRYPTED]
    cut = make.armoured(make.signed(entity(kit.payload))[:60], b"CMS")
    assert [finding.kind for finding in kit.exploded(text + cut, "a.txt").findings] == [Kind.FAILED]
    assert [finding.kind for finding in kit.exploded(cut + text, "a.txt").findings] == [Kind.FAILED]


@pytest.mark.parametrize(
    "whole", [make.signed(b"hello" * 40), make.signed(b"hello" * 40, piece=16), make.compressed(b"hello" * 40)]
)
def test_truncated_at_every_byte_gives_data_or_a_finding(kit: Any, whole: bytes) -> None:
    for cut in range(len(whole)):
        found = kit.exploded(whole[:cut], "a.p7m")
        assert "unpack.crashed" not in found.names
        if found.types["a.p7m"] == "application/cms":
            assert found.findings or found.holds(b"hello" * 40), cut


def test_bombs_are_limits(kit: Any) -> None:
    start = time.monotonic()
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    found = kit.exploded(make.compressed(b"", packed=bomb), "a.p7m", member_bytes=2**24)
    assert "limit.member_bytes" in found.names
    found = kit.exploded(make.compressed(b"", packed=bomb), "a.p7m", ratio=100)
    assert "limit.ratio" in found.names
    data = b"hello"
    for _ in range(40):
        data = make.signed(data)
    assert "limit.depth" in kit.exploded(data, "a.p7m").names
    deep = b"\x30\x80" + make.der(6, make.DATA) + b"\xa0\x80" + b"\x24\x80" * 100_000
    assert "limit.depth" in kit.exploded(deep, "a.p7m").names
    assert status_of(tuple(kit.exploded(deep, "a.p7m").findings)) is Status.UNSCANNABLE
    assert time.monotonic() - start < 20


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for whole in (make.content_info(make.SIGNED, data), make.compressed(b"", packed=data), make.signed(data, piece=7)):
        assert "unpack.crashed" not in exploded(whole, "a.p7m").names
