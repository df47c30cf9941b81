from __future__ import annotations

import bz2
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unpack import mailcontainers as make
from tests.unpack.conftest import PAYLOAD, exploded

from lazaretto.model import Kind
from lazaretto.testing import mail

Gpg = Callable[..., bytes]
LITERAL = make.packet(11, make.literal(PAYLOAD, b"run.js"))


@pytest.fixture(scope="session")
def gpg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gpg]:
    """Runs gpg with a key of its own on a file "run.js"."""
    if not shutil.which("gpg"):
        pytest.skip("gpg is not installed")
    home: Path = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    usual = ["gpg", "--homedir", str(home), "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "x"]

    def run(*arguments: str, content: bytes = b"") -> bytes:
        (home / "run.js").write_bytes(content)
        command = [*usual, "--trust-model", "always", *arguments]
        done = subprocess.run(command, cwd=home, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("--quick-gen-key", "a@b.example", "rsa2048", "sign,cert", "never")
    yield run
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], capture_output=True)


@pytest.mark.parametrize("options", [("-s",), ("--store",), ("-s", "-z", "0"), ("-s", "--compress-algo", "bzip2")])
@pytest.mark.parametrize("armour", [(), ("-a",)])
def test_messages_of_gnupg(kit: Any, gpg: Gpg, options: tuple[str, ...], armour: tuple[str, ...]) -> None:
    data = gpg(*options, *armour, "-o", "-", "run.js", content=kit.payload)
    found = kit.exploded(mail(attachments={"run.js.gpg": data}), "m")
    (inner,) = (artifact for artifact in found.artifacts if artifact.data == kit.payload)
    assert inner.path.startswith("m!2/run.js.gpg!")
    assert inner.path.endswith("!run.js")
    assert inner.names == ("run.js",)
    assert found.findings == []


def test_a_pipe_writes_lengths_in_parts(kit: Any, gpg: Gpg) -> None:
    data = gpg("-s", "-z", "0", "-o", "-", "run.js", content=kit.payload * 3000)
    assert kit.exploded(data, "a.gpg").data["a.gpg!run.js"] == kit.payload * 3000


def test_encrypted_by_gnupg(kit: Any, gpg: Gpg) -> None:
    for armour in ((), ("-a",)):
        data = gpg("-c", *armour, "-o", "-", "run.js", content=kit.payload)
        (finding,) = kit.exploded(data, "x.gpg").findings
        assert (finding.name, finding.kind, finding.artifact) == ("unpack.encrypted", Kind.ENCRYPTED, "x.gpg")


def test_signatures_keys_and_signed_text_are_nothing(kit: Any, gpg: Gpg) -> None:
    for arguments in (("-b", "run.js"), ("-a", "-b", "run.js"), ("--clearsign", "run.js"), ("--export",)):
        armour = ("-a",) if arguments == ("--export",) else ()
        data = gpg("-o", "-", *arguments, content=b"- hello\n-----BEGIN PGP MESSAGE-----\n")
        found = kit.exploded(mail(data.decode("latin-1")) if data.isascii() else data, "x")
        assert found.findings == [], arguments
        assert kit.exploded(gpg("-o", "-", *armour, *arguments, content=b"x"), "k.asc").findings == []


def test_armour_in_the_middle_of_a_mail(kit: Any) -> None:
    text = "Hello,\n\n" + make.armoured(LITERAL).decode() + "\nbye\n"
    found = kit.exploded(mail(text), "m")
    assert found.types["m!part.txt"] == "text/plain"
    assert found.data["m!part.txt!run.js"] == kit.payload
    assert found.findings == []


def test_whatever_the_armour_is_called(kit: Any) -> None:
    for label in (b"PGP SIGNATURE", b"PGP ARMORED FILE", b"PGP PUBLIC KEY BLOCK", b"PGP MESSAGE, PART 01/02"):
        assert kit.exploded(make.armoured(LITERAL, label), "x").data["x!run.js"] == kit.payload


@pytest.mark.parametrize("method", [0, 1, 2])
def test_every_way_of_compressing(kit: Any, method: int) -> None:
    for wrap in (make.packet, lambda tag, body: make.old_packet(tag, body, 3), make.partial_packet):
        found = kit.exploded(wrap(8, make.packed(LITERAL * 30, method)), "a.pgp")
        assert found.data["a.pgp!a.pgp!run.js"] == kit.payload
        assert found.findings == []


def test_old_style_signed_message(kit: Any) -> None:
    signature = make.old_packet(2, b"\3\5\0" + bytes(60))
    assert (
        kit.exploded(signature + make.old_packet(11, make.literal(kit.payload, b"a")), "x").data["x!a"] == kit.payload
    )


def test_packets_out_of_a_packet_need_not_look_like_any(kit: Any) -> None:
    inner = make.packet(60, b"private") + LITERAL
    found = kit.exploded(make.armoured(make.packet(8, make.packed(inner))), "x")
    assert found.holds(kit.payload)
    assert "x!x!run.js" in found.data


def test_an_entity_is_read_as_mail(kit: Any) -> None:
    content = (
        b"Content-Type: application/octet-stream; name=run.js\r\nContent-Transfer-Encoding: base64\r\n\r\nZXZpbA=="
    )
    found = kit.exploded(make.packet(11, make.literal(content)), "x")
    assert found.data["x!part.eml!run.js"] == b"evil"


def test_pgp_mime(kit: Any) -> None:
    secret = make.armoured(make.packet(1, b"\3" + bytes(50)) + make.packet(18, b"\1" + bytes(100)))
    raw = (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'
        b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\n"
        b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n' + secret + b"\r\n--b--\r\n"
    )
    (finding,) = kit.exploded(raw, "m").findings
    assert (finding.kind, finding.artifact) == (Kind.ENCRYPTED, "m!2/encrypted.asc")


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n\n... here stands your message ...\n\n-----END PGP MESSAGE-----\n",
        b"Put it between -----BEGIN PGP MESSAGE----- and the end\n",
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n",
        make.armoured(make.packet(6, bytes(100)) + b"\0\0\0", b"PGP PUBLIC KEY BLOCK"),
        # text that would be a compressed packet if it were base64
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nyHello world\n"
        + make.armoured(make.packet(2, b"\4\0\1" + bytes(9)), b"PGP SIGNATURE"),
    ],
)
def test_text_about_it_is_text(kit: Any, text: bytes) -> None:
    found = kit.exploded(text, "x.txt")
    assert len(found.artifacts) == 1
    assert found.findings == []


def test_what_stands_behind_a_message_and_is_no_packet_is_said(kit: Any) -> None:
    found = kit.exploded(make.armoured(LITERAL + b"\0\0\0"), "x")
    assert found.data["x!run.js"] == kit.payload
    assert found.finding("unpack.malformed").kind is Kind.FAILED


def test_encrypted_beside_what_is_not(kit: Any) -> None:
    secret = make.packet(1, b"\3" + bytes(50)) + make.packet(18, b"\1" + bytes(100))
    found = kit.exploded(make.armoured(secret) + make.armoured(LITERAL), "x")
    assert found.data["x!run.js"] == kit.payload
    assert [finding.kind for finding in found.findings] == [Kind.ENCRYPTED]


@pytest.mark.parametrize(
    "whole",
    [LITERAL, make.packet(8, make.packed(LITERAL)), make.old_packet(8, b"\x03" + bz2.compress(LITERAL), 3)],
)
def test_truncated_at_every_byte_gives_data_or_a_finding(kit: Any, whole: bytes) -> None:
    for cut in range(8, len(whole)):
        for data in (whole[:cut], make.armoured(whole[:cut], end=False)):
            found = kit.exploded(data, "a.pgp")
            assert "unpack.crashed" not in found.names
            assert found.findings or found.holds(kit.payload), cut


def test_bombs_are_limits(kit: Any) -> None:
    start = time.monotonic()
    bomb = make.packet(8, make.packed(make.packet(11, make.literal(bytes(2**26)))))
    assert "limit.member_bytes" in kit.exploded(bomb, "a.pgp", member_bytes=2**24).names
    assert "limit.ratio" in kit.exploded(bomb, "a.pgp", ratio=100).names
    data = LITERAL
    for _ in range(40):
        data = make.packet(8, make.packed(data, 0))
    assert "limit.depth" in kit.exploded(make.armoured(data), "a").names
    assert "limit.elements" in kit.exploded(make.partial_packet(11, make.literal(bytes(2_000_000)), 0), "a.pgp").names
    assert time.monotonic() - start < 20


def test_plain_text_costs_a_search() -> None:
    text = b"An ordinary line of an ordinary mail, of which there are many.\n" * 50_000
    start = time.monotonic()
    exploded(text, "a.txt")
    assert time.monotonic() - start < 1


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for whole in (data, make.armoured(data), make.packet(8, b"\x01" + data), LITERAL + data):
        assert "unpack.crashed" not in exploded(whole, "a.pgp").names


def test_what_only_looks_like_a_message_in_a_signature_says_nothing(kit: Any) -> None:
    for packet in (b"\xc8\x40\x77" + bytes(63), b"\xc8\x10\x01" + bytes(range(15))):
        text = make.armoured(packet, b"PGP SIGNATURE")
        assert kit.exploded(text, "a.txt").findings == []
        assert kit.exploded(text.replace(b"SIGNATURE", b"MESSAGE"), "a.txt").findings != []
