from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.model import Artifact, Finding, Kind, Severity, Target
from lazaretto.results import recall
from lazaretto.results.recall import Recall, Sheet
from lazaretto.results.table import Table, View

BAD = Finding("x", "bad", Kind.MALWARE, Severity.HIGH, evidence=("at 3",))
FINDINGS = st.builds(
    Finding,
    st.text(),
    st.text(),
    st.sampled_from([kind for kind in Kind if kind not in (Kind.FAILED, Kind.LIMIT)]),
    st.sampled_from(Severity),
    st.none(),
    st.lists(st.text()).map(tuple),
    st.integers(0, 100),
    st.booleans(),
)


def artifact(data: bytes) -> Artifact:
    return Artifact("1", (), data, "text/plain", "", "1", None, 0, hashlib.sha256(data).hexdigest())


def shared() -> tuple[Table, Recall, Recall]:
    table = Table(1 << 20)
    first, second = Recall(), Recall()
    for each in (first, second):
        each.share(View.open(table.fd))
    second._secret = first._secret  # as after a fork
    return table, first, second


@given(st.dictionaries(st.text(), st.lists(FINDINGS, min_size=1).map(tuple)))
def test_what_siblings_know_is_what_was_said(said: dict[str, tuple[Finding, ...]]) -> None:
    table, first, second = shared()
    key = first.key(artifact(b"x"), ("a",), "1")
    for worker in (1, 2):
        first._own.clear()
        first.put(key, Sheet(dict(said), set()))
        for name, value in first.take().fresh:
            table.report(worker, name, value)
    sheet = second.get(key, ("a",))
    if len(repr(said)) < 300:
        assert not sheet.open
    assert sheet == (Sheet({}, {"a"}) if sheet.open else Sheet(said, set()))
    table.close()


def test_every_part_of_the_key_matters() -> None:
    made, data = Recall(), artifact(b"x")
    keys = {
        made.key(data, ("a", "b"), "1"),
        made.key(artifact(b"y"), ("a", "b"), "1"),
        made.key(replace(data, type="text/html"), ("a", "b"), "1"),
        made.key(data, ("a",), "1"),
        made.key(data, ("ab",), "1"),
        made.key(data, ("a", "b"), "2"),
        Recall().key(data, ("a", "b"), "1"),  # another configuration, or the same loaded again
    }
    assert len(keys) == 7
    assert made.key(replace(data, names=("n",), path="2"), ("a", "b"), "1") in keys


@pytest.mark.parametrize("change", [{"kind": Kind.LIMIT}, {"kind": Kind.FAILED}, {"artifact": "1"}])
def test_what_may_not_last_is_asked_again(change: dict[str, Any]) -> None:
    table, first, _ = shared()
    sheet = first.get(b"k" * 16, ("a", "b"))
    sheet.note("a", (BAD,))
    sheet.note("b", (replace(BAD, **change),))
    first.put(b"k" * 16, sheet)
    assert first.get(b"k" * 16, ("a", "b")) == Sheet({"a": (BAD,)}, {"b"})
    assert first.take().fresh == ()
    sheet.note("b", ())  # this time it was well
    first.put(b"k" * 16, sheet)
    assert first.get(b"k" * 16, ("a", "b")) == Sheet({"a": (BAD,)}, set())
    assert len(first.take().fresh) == 1
    table.close()


def test_what_cannot_travel_is_kept_by_the_worker_alone() -> None:
    _, first, _ = shared()
    for finding in (replace(BAD, name="\udcff"), replace(BAD, evidence=("x" * 5000,))):
        sheet = Sheet({"a": (finding,)}, set())
        first.put(b"k" * 16, sheet)
        assert first.get(b"k" * 16, ("a",)) == sheet
        assert first.take().fresh == ()


def test_now_and_then_it_is_scanned_all_the_same() -> None:
    table, _, second = shared()
    for worker in (1, 2):
        table.report(worker, b"k" * 16, b"")
    answers = [bool(second.get(b"k" * 16, ("a",)).open) for _ in range(2 * recall.AUDIT)]
    assert answers.count(True) == 2
    news = second.take()
    assert (news.shared, news.misses) == (2 * recall.AUDIT - 2, 2)
    table.close()


def test_its_own_are_bounded() -> None:
    made = Recall(2)
    for number in range(3):
        made.put(bytes([number]) * 16, Sheet({}, set()))
    assert made.get(bytes(16), ("a",)).open
    assert not made.get(b"\2" * 16, ("a",)).open


def test_targets_of_links_survive_the_table() -> None:
    finding = Finding("urls", "url.ip", Kind.PHISHING, Severity.INFORMATIONAL, evidence=("x",))
    said: recall.Said = {"urls": (finding, Target("http://8.8.8.8/", "8.8.8.8")), "none": (Target("cid:x", ""),)}
    packed = recall._packed(said)
    assert packed
    assert recall._unpacked(packed) == said
    assert recall._unpacked(b"") == {}
    assert recall.keeps((Target("http://a.example/", "a.example"),))
