"""Documents made to exhaust the engine that judges them: many actions, words, objects, parts, deep names.

Each ends within three seconds of the engine's own processor time, and what is not looked at is said by a LIMIT.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest
from tests.engines.documents import make
from tests.engines.documents.weigh import inspector

from lazaretto.engines.documents import Documents
from lazaretto.model import Artifact, Kind
from lazaretto.testing import artifact

SECONDS, SLACK = 3.0, 1.5  # of processor time on an idle machine of 2026; what a busy one may take more


def many_actions() -> bytes:
    actions = b"".join(b"%d 0 obj<</S/Launch/F(a%d)/Next %d 0 R>>endobj\n" % (n, n, n + 1) for n in range(10, 100_010))
    return make.pdf(b"/OpenAction 10 0 R") + actions


def many_escaped_names() -> bytes:
    return make.pdf(objects={10: b"<<" + b"/J#61vaScript/#4a#53" * 100_000 + b">>"})


def many_links() -> bytes:
    return make.linked(*(b"http://%d.example.invalid/a.exe" % number for number in range(100_000)))


def deep_names() -> bytes:
    return make.attached("a." * 30_000 + "pdf.exe", b"x", catalog=b"/" + b"#41" * 100_000)


def spray() -> bytes:
    return make.scripted(b"unescape (" * 1_000_000)


@pytest.mark.parametrize("made", [many_actions, many_escaped_names, many_links, deep_names, spray])
def test_a_pdf(made: Callable[[], bytes]) -> None:
    data = made()
    started = time.process_time()
    found = inspector().inspect(data, None, "a.pdf")
    assert time.process_time() - started < 2 * SECONDS * SLACK
    assert found.timings["judge.documents"] < SECONDS * SLACK
    assert not [each for each in found.findings if each.kind is Kind.FAILED]


WORDS = [
    b"\\b0\\objupdate ",
    b"{\\object",
    b"\\\\" * 8,
    b"{\\*\\objdata 0",
    b"\\objdata" + b"0 " * 30,
    b"\\fldinst INCLUDETEXT ",
    b"\\objclass Equation",
    b"{\\sn pFragments}{\\sv ",
    b"\\listoverridecount1",
    b"\\objw1",
    b"{\\fonttbl\\f1",
]


@pytest.mark.parametrize("words", WORDS)
def test_rtf_of_a_million_words(words: bytes) -> None:
    data = b"{\\rtf1 " + words * (8_000_000 // len(words))
    seconds, found = judged([artifact(data, name="a.rtf", type="application/rtf", path="a.rtf")])
    assert seconds < SECONDS * SLACK
    if words in (b"\\objdata" + b"0 " * 30, b"\\objw1"):
        assert "limit.documents" in found or "document.rtf.suspicious" in found


def test_rtf_of_more_bytes_than_are_looked_at() -> None:
    data = b"{\\rtf1 " + b"\\objw900" * 5_000_000
    seconds, found = judged([artifact(data, name="a.rtf", type="application/rtf", path="a.rtf")])
    assert seconds < SECONDS * SLACK
    assert found == ["limit.documents"]


def path(number: int) -> str:
    return f"{'a!' * 50}{number}.js"


def outer(number: int) -> str | None:
    return path(number - number % 5) if number % 5 else None


def test_very_many_documents_and_parts() -> None:
    kinds = ("application/pdf", "application/rtf", "application/onenote", "application/octet-stream", "text/plain")
    things = [
        Artifact(path(number), (f"{number}.js",), b"x", kinds[number % 5], "", None, outer(number), 1, str(number))
        for number in range(50_000)
    ]
    seconds, found = judged(things)
    assert seconds < SECONDS * SLACK
    assert found.count("limit.documents") == 1


def judged(things: Sequence[Artifact]) -> tuple[float, list[str]]:
    engine = Documents(Documents.Settings())
    started = time.process_time()
    found = [finding.name for finding in engine.judge(things, ())]
    return time.process_time() - started, found
