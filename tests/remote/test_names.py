from __future__ import annotations

import pytest

from lazaretto.model import Kind, Severity
from lazaretto.remote.names import meaning


@pytest.mark.parametrize(
    ("name", "kind", "severity"),
    [
        ("Win.Test.EICAR_HDB-1", Kind.MALWARE, Severity.CRITICAL),
        ("Eicar-Signature", Kind.MALWARE, Severity.CRITICAL),
        ("Win.Worm.Mydoom-5", Kind.MALWARE, Severity.CRITICAL),
        ("Win.Exploit.CVE_2017_11882-1", Kind.EXPLOIT, Severity.CRITICAL),
        ("Exploit:Win32/Foo", Kind.EXPLOIT, Severity.CRITICAL),
        ("Heuristics.Limits.Exceeded.MaxFileSize", Kind.LIMIT, Severity.MEDIUM),
        ("Heuristics.Encrypted.Zip", Kind.ENCRYPTED, Severity.LOW),
        ("Heuristics.Phishing.Email.SpoofedDomain", Kind.PHISHING, Severity.MEDIUM),
        ("Heuristics.OLE2.ContainsMacros.VBA", Kind.MACRO, Severity.LOW),
        ("Heuristics.Structured.CreditCardNumber", Kind.CONTENT, Severity.MEDIUM),
        ("Heuristics.Broken.Executable", Kind.AMBIGUOUS, Severity.LOW),
        ("Heuristics.W32.Parite.B", Kind.MALWARE, Severity.CRITICAL),
        ("Html.Phishing.Bank-12", Kind.PHISHING, Severity.HIGH),
        ("Sanesecurity.Phishing.Cur.1.UNOFFICIAL", Kind.PHISHING, Severity.HIGH),
        ("Sanesecurity.Junk.2.UNOFFICIAL", Kind.SPAM, Severity.HIGH),
        ("PUA.Win.Packer.Upx-4", Kind.CONTENT, Severity.MEDIUM),
        ("PUA.Script.Obfuscated", Kind.SCRIPT, Severity.LOW),
        ("", Kind.MALWARE, Severity.CRITICAL),
        ("." * 100_000, Kind.MALWARE, Severity.CRITICAL),
    ],
)
def test_names_of_clamav_and_others(name: str, kind: Kind, severity: Severity) -> None:
    assert meaning(name) == (kind, severity)
