from __future__ import annotations

from typing import Any

import pytest

from lazaretto.engines.patterns.meaning import NOTED_BELOW, Meaning, meaning
from lazaretto.model import Kind, Severity

INFORMS = Severity.INFORMATIONAL


def of(name: str = "r", *tags: str, noted_below: int = NOTED_BELOW, **about: Any) -> Meaning:
    return meaning(name, tags, about, noted_below)


@pytest.mark.parametrize(
    ("about", "severity", "confidence"),
    [
        ({}, Severity.HIGH, 100),
        ({"score": 75}, Severity.HIGH, 75),
        ({"score": "70"}, Severity.HIGH, 70),
        ({"score": 65}, Severity.MEDIUM, 65),
        ({"score": 59}, INFORMS, 59),
        ({"score": 0}, INFORMS, 0),
        ({"score": 5}, INFORMS, 5),
        ({"score": "high"}, Severity.HIGH, 100),
        ({"severity": "low"}, Severity.LOW, 100),
        ({"severity": "Critical", "score": 10}, Severity.CRITICAL, 10),
        ({"severity": 100}, Severity.HIGH, 100),
        ({"severity": 2}, INFORMS, 20),
        ({"threat_level": 8}, Severity.HIGH, 80),
        ({"weight": "30"}, INFORMS, 30),
        ({"tc_detection_factor": 5}, Severity.HIGH, 100),
        ({"confidence": "low"}, Severity.HIGH, 30),
        ({"confidence": 400}, Severity.HIGH, 100),
        ({"confidence": 40, "score": 90}, Severity.HIGH, 40),
        ({"scan_context": "memory", "severity": 100}, INFORMS, 100),
        ({"scan_context": "file, memory", "severity": 100}, Severity.HIGH, 100),
        ({"category": "hunting"}, INFORMS, 100),
    ],
)
def test_scores_of_all_sorts(about: dict[str, Any], severity: Severity, confidence: int) -> None:
    told = of(**about)
    assert (told.severity, told.confidence) == (severity, confidence)


def test_where_a_score_begins_to_count_is_a_setting() -> None:
    assert of(score=50, noted_below=50).severity is Severity.MEDIUM
    assert of(score=99, noted_below=101).severity is INFORMS


@pytest.mark.parametrize("name", ["LOG_Exploit_Try", "HUNT_Thing", "VULN_Driver", "MEM_Beacon", "PUA_Toolbar"])
def test_what_is_for_live_systems_only_informs(name: str) -> None:
    assert of(name, score=80).severity is INFORMS
    assert of(name, score=80, kind="malware").severity is Severity.HIGH  # somebody wrote it for us


def test_tags_tell_it_too() -> None:
    assert of("r", "Memory").severity is INFORMS
    assert of("r", "FILE").severity is Severity.HIGH


@pytest.mark.parametrize(
    ("name", "about", "kind"),
    [
        ("EXPL_Thing", {}, Kind.EXPLOIT),
        ("CVE_2017_0199", {}, Kind.EXPLOIT),
        ("APT_Thing", {}, Kind.MALWARE),
        ("Exploring", {}, Kind.MALWARE),
        ("r", {"category": "EXPLOIT"}, Kind.EXPLOIT),
        ("r", {"tc_detection_type": "Ransomware"}, Kind.MALWARE),
        ("PHISH_Page", {}, Kind.PHISHING),
        ("r", {"kind": "Spam"}, Kind.SPAM),
        ("EXPL_r", {"kind": "nonsense"}, Kind.EXPLOIT),
    ],
)
def test_kinds(name: str, about: dict[str, Any], kind: Kind) -> None:
    assert of(name, **about).kind is kind


def test_names_and_notes_say_who_says_so() -> None:
    told = of("r", threat_name="Windows.Trojan.X", family="X", author="A", description="a\nb", license="DRL", score=80)
    assert told.name == "Windows.Trojan.X"
    assert told.notes == ("a?b; family X; score 80; author A; license DRL",)
    assert of("r").name == "r"
    assert of("r").notes == ()
