from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from lazaretto.engines.patterns.engine import Patterns, PatternSettings
from lazaretto.model import Artifact, Finding, Kind, Severity

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def artifact(data: bytes, kind: str = "text/plain") -> Artifact:
    return Artifact("1", (), data, kind, "", None, None, 0, hashlib.sha256(data).hexdigest())


@pytest.fixture(scope="module")
def builtin() -> Patterns:
    return Patterns(PatternSettings())


def find(engine: Patterns, data: bytes, kind: str = "text/plain") -> list[Finding]:
    return list(engine.inspect(artifact(data, kind)))


@pytest.mark.parametrize("data", [EICAR, EICAR + b"\r\n", b"MIME-Version: 1.0\r\n\r\n" + EICAR, b" " * 4000 + EICAR])
def test_eicar(builtin: Patterns, data: bytes) -> None:
    (finding,) = find(builtin, data)
    assert (finding.name, finding.kind, finding.severity) == ("EICAR-Test-File", Kind.MALWARE, Severity.HIGH)
    assert finding.evidence[0] == f"rule eicar_test_file of test-threats.yar matches at {data.index(EICAR)}"


@pytest.mark.parametrize("data", [b"", b"hello", EICAR[:-1], b" " * 5000 + EICAR])
def test_no_eicar(builtin: Patterns, data: bytes) -> None:
    assert find(builtin, data) == []


def test_gtube_is_spam(builtin: Patterns) -> None:
    (finding,) = find(builtin, b"Hello\n\n" + GTUBE)
    assert (finding.name, finding.kind) == ("GTUBE", Kind.SPAM)


def test_our_own_rules_are_no_detection(builtin: Patterns) -> None:
    for file in Path(__file__).parents[3].glob("src/lazaretto/engines/patterns/**/*.*"):
        assert find(builtin, file.read_bytes()) == [], file


def test_metadata_says_what_a_match_means(tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text(
        'rule odd { meta: threat = "Odd.Thing" kind = "phishing" severity = "low" confidence = 40 '
        'strings: $a = "odd" condition: $a }\nrule plain { strings: $a = "plain" condition: $a }'
    )
    engine = Patterns(PatternSettings(dirs=(tmp_path,), builtin=False))
    (odd,) = find(engine, b"an odd thing")
    assert (odd.name, odd.kind, odd.severity, odd.confidence) == ("Odd.Thing", Kind.PHISHING, Severity.LOW, 40)
    (plain,) = find(engine, b"a plain thing")
    assert (plain.name, plain.kind, plain.severity) == ("plain", Kind.MALWARE, Severity.HIGH)


def test_a_signature_for_one_type_of_file_is_silent_for_others(tmp_path: Path) -> None:
    (tmp_path / "a.ndb").write_text("Pdf.Thing:10:*:61626364\nAny.Thing:0:*:61626364")
    engine = Patterns(PatternSettings(dirs=(tmp_path,), builtin=False))
    assert {finding.name for finding in find(engine, b"abcd")} == {"Any.Thing"}
    assert {finding.name for finding in find(engine, b"abcd", "application/pdf")} == {"Any.Thing", "Pdf.Thing"}


def test_hash_lists_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.hsb").write_text(f"{hashlib.sha256(b'bad').hexdigest()}:3:Bad.File\n")
    (finding,) = find(Patterns(PatternSettings(dirs=(tmp_path,))), b"bad")
    assert (finding.name, finding.evidence) == ("Bad.File", (f"hash {hashlib.sha256(b'bad').hexdigest()}",))


def test_rules_that_take_too_long_end_in_a_limit(tmp_path: Path) -> None:
    (tmp_path / "slow.yar").write_text(
        "rule slow { condition: for all i in (0..1000000000) : ( for all j in (0..1000000000) : ( i + j >= 0 ) ) }"
    )
    (finding,) = find(Patterns(PatternSettings(dirs=(tmp_path,), builtin=False, seconds=1)), b"x")
    assert finding.kind is Kind.LIMIT


def rules(folder: Path, text: str, **settings: object) -> Patterns:
    (folder / "a.yar").write_text(text)
    return Patterns(PatternSettings.model_validate({"dirs": (folder,), "builtin": False, **settings}))


def test_rules_that_ask_for_names_get_them(tmp_path: Path) -> None:
    engine = rules(tmp_path, 'rule a { condition: filename == "a.vbs" and extension == ".vbs" and filetype == "VBS" }')
    vbs = replace(artifact(b"x", "text/vbscript"), names=("A.vbs",))
    assert [finding.name for finding in engine.inspect(vbs)] == ["a"]
    assert list(engine.inspect(artifact(b"x", "text/vbscript"))) == []
    assert engine.beside(vbs) != engine.beside(artifact(b"x", "text/vbscript"))


def test_rules_that_do_not_are_cached_whatever_the_name(tmp_path: Path) -> None:
    assert rules(tmp_path, "rule a { condition: true }").beside(replace(artifact(b"x"), names=("a",))) == ""


def test_what_only_informs_and_what_is_ignored_is_a_setting(tmp_path: Path) -> None:
    text = "rule SUSP_a { condition: true }\nrule b { meta: score = 50 condition: true }\nrule c { condition: true }"

    def told(**settings: object) -> dict[str, Severity]:
        return {finding.name: finding.severity for finding in find(rules(tmp_path, text, **settings), b"x")}

    high, informs = Severity.HIGH, Severity.INFORMATIONAL
    assert told() == {"SUSP_a": high, "b": informs, "c": high}
    assert told(noted=("SUSP_*",), noted_below=50) == {"SUSP_a": informs, "b": Severity.MEDIUM, "c": high}
    assert told(ignored=("SUSP_*", "c")) == {"b": informs}
    assert rules(tmp_path, text).version != rules(tmp_path, text, ignored=("c",)).version


def test_a_rule_that_two_sets_have_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "b.yar").write_text('rule a { strings: $a = "x" condition: $a }')
    assert len(find(rules(tmp_path, 'rule a { strings: $a = "x" condition: $a }'), b"x")) == 1


def test_the_author_is_named_with_the_match(tmp_path: Path) -> None:
    (finding,) = find(rules(tmp_path, 'rule a { meta: author = "Somebody" condition: true }'), b"x")
    assert finding.evidence == ("rule a of a.yar matches by its condition", "author Somebody")
