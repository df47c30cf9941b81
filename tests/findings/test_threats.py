from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.findings.threats import Threat, named, read
from lazaretto.model import Finding, Kind, Severity

NAMES = {
    # ClamAV
    "Win.Trojan.Agent-123": Threat("trojan", "windows", "Agent", "123"),
    "Win.Trojan.Agent-1388589-0": Threat("trojan", "windows", "Agent", "1388589-0"),
    "Doc.Downloader.Emotet-7580152-0": Threat("downloader", "office", "Emotet", "7580152-0"),
    "Doc.Downloader.X": Threat("downloader", "office", "X"),
    "Eicar-Test-Signature": Threat("test", "", "Eicar"),
    "Win.Test.EICAR_HDB-1": Threat("test", "windows", "EICAR"),
    "Unix.Trojan.Mirai-5607483-0": Threat("trojan", "linux", "Mirai", "5607483-0"),
    "Heuristics.Phishing.Email.SpoofedDomain": Threat("phishing", "email", "SpoofedDomain"),
    "Sanesecurity.Phishing.Bank.1234.UNOFFICIAL": Threat("phishing", "", "Bank", "1234"),
    # CARO
    "Trojan:Win32/Family.A": Threat("trojan", "windows", "Family", "A"),
    "Trojan:Win32/Emotet.ARJ!MTB": Threat("trojan", "windows", "Emotet", "ARJ"),
    "TrojanDownloader:O97M/Donoff.AB": Threat("downloader", "office", "Donoff", "AB"),
    "Ransom:Win32/WannaCrypt.A!rsm": Threat("ransomware", "windows", "WannaCrypt", "A"),
    "Worm:Win32/Netsky.P@mm": Threat("worm", "windows", "Netsky", "P"),
    "W32/Netsky.P@mm": Threat("", "windows", "Netsky", "P"),
    "Backdoor:Linux/Tsunami.gen!A": Threat("backdoor", "linux", "Tsunami"),
    # with dots
    "Trojan-Downloader.Win32.Agent.bhsp": Threat("downloader", "windows", "Agent", "bhsp"),
    "HEUR:Trojan.Script.Generic": Threat("trojan", "script"),
    # YARA
    "MAL_Emotet_Jan20": Threat("", "", "Emotet", "Jan20"),
    "APT_MAL_Win_Duqu_Aug21": Threat("", "windows", "Duqu", "Aug21"),
    "SUSP_PowerShell_Loader": Threat("loader", "powershell"),
    # nobody's scheme
    "": Threat(),
    "a b": Threat("", "", "a", "b"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    assert read(name) == NAMES[name]


def test_it_is_shown_in_one_line() -> None:
    assert str(read("Win.Trojan.Agent-123")) == "trojan/windows/Agent/123"
    assert str(read("MAL_Emotet")) == "threat/any/Emotet"


@given(st.text(max_size=300))
def test_any_text_is_read_the_same_way_twice(name: str) -> None:
    assert read(name) == read(name)
    assert len(str(read(name))) <= 300


def test_a_long_name_takes_no_time() -> None:
    began = time.perf_counter()
    for text in ("." * 1_000_000, "a!" * 500_000, "!" * 1_000_000, "a-" * 500_000, "a1" * 500_000):
        read(text)
    assert time.perf_counter() - began < 1


def test_our_own_names_and_rules_of_the_organisation_name_no_threat() -> None:
    theirs = Finding("patterns", "Win.Trojan.Agent-123", Kind.MALWARE, Severity.HIGH)
    ours = Finding("macros", "macro.vba.malicious", Kind.MACRO, Severity.HIGH)
    rule = Finding("policy", "no-win-files", Kind.CONTENT, Severity.LOW)
    assert (named(ours), named(rule)) == (None, None)
    # Whoever calls a threat as we call a failure or a limit does not make it one.
    for name in ("limit.seconds", "Trojan.failed"):
        assert named(Finding("patterns", name, Kind.MALWARE, Severity.HIGH)) == read(name)
    assert named(theirs) == read(theirs.name)
