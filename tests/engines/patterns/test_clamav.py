from __future__ import annotations

import pytest
import yara_x

from lazaretto.engines.patterns import clamav


def matches(line: str, data: bytes) -> bool:
    signature = clamav.parse(line)
    source = "".join(f'import "{module}" ' for module in signature.modules) + signature.rule(0)
    return bool(yara_x.compile(source).scan(data).matching_rules)


@pytest.mark.parametrize(
    ("offset", "body", "data", "expected"),
    [
        ("*", "61626364", b"..abcd..", True),
        ("*", "61626364", b"..abce..", False),
        ("0", "61626364", b"abcd", True),
        ("0", "61626364", b".abcd", False),
        ("2,3", "61626364", b".....abcd", True),
        ("2,3", "61626364", b"......abcd", False),
        ("EOF-4", "61626364", b"..abcd", True),
        ("EOF-4", "61626364", b"..abcd.", False),
        ("*", "6162??64", b"abXd", True),
        ("*", "616?6364", b"aacd", True),
        ("*", "6162*6364", b"ab" + b"." * 5000 + b"cd", True),
        ("*", "6162{2}6364", b"ab..cd", True),
        ("*", "6162{2}6364", b"ab...cd", False),
        ("*", "6162{1-3}6364", b"ab...cd", True),
        ("*", "6162{-2}6364", b"abcd", True),
        ("*", "6162{3-}6364", b"ab..cd", False),
        ("*", "6162{3-}6364", b"ab....cd", True),
        ("*", "61(62|7a)6364", b"azcd", True),
        ("*", "61(62|7a)6364", b"aycd", False),
        ("*", "{4}61626364*", b"abcd", True),
    ],
)
def test_the_body_matches_as_clamav_would(offset: str, body: str, data: bytes, expected: bool) -> None:
    assert matches(f"Test.Sig:0:{offset}:{body}", data) is expected


@pytest.mark.parametrize("offset", ["EP+0", "EP-4", "S0+16", "SL+0"])
def test_offsets_into_programs_compile(offset: str) -> None:
    assert matches(f"Test.Sig:1:{offset}:61626364", b"no program") is False


@pytest.mark.parametrize(
    "line",
    ["A:0:VI:6162", "A:0:Macro1:6162", "A:13:*:6162", "A:0:*:61!(62|63)64", "A:0:*:61(B)62", "A:0:*:6162[1-2]6364"],
)
def test_what_yara_cannot_say_is_unsupported(line: str) -> None:
    with pytest.raises(clamav.Unsupported):
        clamav.parse(line)


@pytest.mark.parametrize("line", ["nothing", "A:0:*:xyz", "A:0:*:", "A:0:*:{4}*", "A:0:1,x:6162"])
def test_what_is_no_signature_is_an_error(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        clamav.parse(line)


def test_a_hostile_name_does_not_leave_its_string() -> None:
    hostile = 'A" } rule b { "\\'
    assert matches(f"{hostile}:0:*:61626364", b"abcd")
