from __future__ import annotations

import io
import zipfile

import pytest

from lazaretto import config
from lazaretto.model import Finding, Severity
from lazaretto.unpack import tree
from lazaretto.unpack.limits import Budget

GIF = b"GIF89a" + bytes(40)
LNK = b"L\0\0\0\x01\x14\x02\0" + bytes(80)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


JAR = zipped("META-INF/MANIFEST.MF", "A.class")
PE = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0" + bytes(100)


def said(data: bytes, *names: str) -> list[tuple[Severity, str]]:
    found = tree.explode(data, names, Budget(config.Unpack()), [])
    findings = [each for each in found if isinstance(each, Finding) and each.name == "type.polyglot"]
    return [(each.severity, each.evidence[0]) for each in findings]


@pytest.mark.parametrize(
    ("data", "severity", "second"),
    [
        (GIF + zipped("a.txt"), Severity.INFORMATIONAL, "application/zip"),
        (GIF + JAR, Severity.MEDIUM, "application/java-archive"),
        (LNK + b"<hta:application><script>1</script>", Severity.MEDIUM, "application/hta"),
        (GIF + bytes(200_000) + b"<SCRIPT>1</SCRIPT>", Severity.MEDIUM, "application/hta"),
        (GIF + b"%PDF-1.4\n", Severity.INFORMATIONAL, "application/pdf"),
    ],
)
def test_two_readings(data: bytes, severity: Severity, second: str) -> None:
    [(found, evidence)] = said(data, "a")
    assert found is severity
    assert evidence.endswith(f" and {second}")


@pytest.mark.parametrize(
    "data",
    [GIF, zipped("a"), JAR, PE, LNK, PE + JAR,
     b"text", b"<html><script>1</script>", b"\0junk" + zipped("a"), GIF + b"PK\x05\x06",
     b"-----BEGIN PGP MESSAGE-----\n\nowF\n-----END PGP MESSAGE-----\n", b"<svg><script>1</script></svg>"],
)  # fmt: skip
def test_one_reading(data: bytes) -> None:
    assert said(data, "a") == []
