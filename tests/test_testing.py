from __future__ import annotations

import io
import zipfile

import pytest

from lazaretto import config, testing
from lazaretto.engines.patterns.engine import Patterns, PatternSettings
from lazaretto.model import Can
from lazaretto.plugin import Engine, build


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    return Patterns(PatternSettings())


def test_an_engine_is_run_over_everything_in_a_mail(patterns: Patterns) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.com", testing.EICAR)
    (finding,) = testing.findings(patterns, testing.mail(attachments={"b.zip": archive.getvalue()}))
    assert (finding.name, finding.artifact) == ("EICAR-Test-File", "2/b.zip!a.com")


def test_a_file_is_no_mail(patterns: Patterns) -> None:
    (finding,) = testing.findings(patterns, testing.EICAR, name="a.com")
    assert finding.artifact == "a.com"


@pytest.mark.parametrize("sample", [testing.EICAR, testing.GTUBE, testing.MASSMAILER])
def test_the_samples_are_known_and_nothing_else_is(patterns: Patterns, sample: bytes) -> None:
    assert len(testing.findings(patterns, testing.mail(sample.decode()))) == 1
    assert testing.findings(patterns, testing.mail()) == []


def test_types_are_told_by_content_or_given() -> None:
    assert testing.artifact(b"%PDF-1.7\n").type == "application/pdf"
    assert testing.artifact(b"x", type="text/html").type == "text/html"


def test_any_field_of_the_envelope_may_be_changed() -> None:
    assert testing.envelope(can=Can.REPORT).can is Can.REPORT


@pytest.mark.parametrize("data", testing.hostile())
def test_our_own_engines_bear_anything(data: bytes) -> None:
    for engine in build(config.load(None, {}), "engines", Engine):
        list(engine.inspect(testing.artifact(data)))
