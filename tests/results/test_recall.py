from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.model import Artifact, Finding, Kind, Severity, Target
from lazaretto.results import recall
from lazaretto.results.recall import News, Recall, Sheet
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


def test_what_is_too_long_for_all_is_kept_by_the_worker_alone() -> None:
    table, first, _ = shared()
    sheet = Sheet({"a": (replace(BAD, evidence=("x" * 5000,)),)}, set())
    first.put(b"k" * 16, sheet)
    assert first.get(b"k" * 16, ("a",)) == sheet
    assert first.take().fresh == ()
    table.close()


@pytest.mark.parametrize("change", [{"name": "\udcff"}, {"evidence": ("x" * recall.LONGEST_OWN,)}])
def test_what_cannot_travel_or_has_no_end_is_not_kept(change: dict[str, Any]) -> None:
    table, first, _ = shared()
    first.put(b"k" * 16, Sheet({"a": (replace(BAD, **change),)}, set()))
    assert first.get(b"k" * 16, ("a",)).open
    assert first.take().fresh == ()
    table.close()


def test_now_and_then_it_is_scanned_all_the_same() -> None:
    table, _, second = shared()
    for worker in (1, 2):
        table.report(worker, b"k" * 16, b"")
    answers = [bool(second.get(b"k" * 16, ("a",)).open) for _ in range(2 * recall.AUDIT)]
    assert answers.count(True) == 2
    news = second.take()
    assert (news.shared, news.misses) == (2 * recall.AUDIT - 2, 2)
    table.close()


def test_its_own_are_bounded_by_what_they_say() -> None:
    made = Recall(3 * recall.OVERHEAD)
    for number in range(4):
        made.put(bytes([number]) * 16, Sheet({}, set()))
    assert made.get(bytes(16), ("a",)).open
    assert not made.get(b"\3" * 16, ("a",)).open
    made.put(b"\3" * 16, Sheet({}, set()))  # again is not twice
    assert not made.get(b"\1" * 16, ("a",)).open
    made.put(b"\4" * 16, Sheet({"a": (replace(BAD, evidence=("x" * 100,)),)}, set()))  # more than one
    assert [made.get(bytes([number]) * 16, ("a",)).open != set() for number in range(5)] == [1, 0, 1, 1, 0]


def test_nonsense_that_two_workers_agree_on_is_a_miss() -> None:
    table, _, second = shared()
    for value in (b"\xff", b"\x81\xa1a\x91\x01"):
        for worker in (1, 2):
            table.report(worker, bytes([len(value)]) * 16, value)
        assert second.get(bytes([len(value)]) * 16, ("a",)) == Sheet({}, {"a"})
    table.close()


@pytest.mark.parametrize("besides", [(("x\0y", ""), ("x", "y")), (("x", ""), ("", "x")), (("', '", ""), ("", "', '"))])
def test_what_one_engine_depends_on_is_not_what_another_does(besides: tuple[tuple[str, str], ...]) -> None:
    made, data = Recall(), artifact(b"x")
    first, second = (made.key(data, ("a", "b"), "1", beside) for beside in besides)
    assert first != second
    assert made.key(data, ("a", "b"), "1", ("", "")) not in (first, second)


@pytest.mark.parametrize(
    "fresh", [((b"k" * 16, b""),) * (recall.MOST_NEWS + 1), ((b"k", b""),), ((b"k" * 16, bytes(4097)),)]
)
def test_news_that_no_worker_sends_are_none(fresh: tuple[tuple[bytes, bytes], ...]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(News(fresh=fresh)), type=News)


def test_targets_of_links_survive_the_table() -> None:
    finding = Finding("urls", "url.ip", Kind.PHISHING, Severity.INFORMATIONAL, evidence=("x",))
    said: recall.Said = {"urls": (finding, Target("http://8.8.8.8/", "8.8.8.8")), "none": (Target("cid:x", ""),)}
    packed = recall._packed(said)
    assert packed
    assert recall._unpacked(packed) == said
    assert recall._unpacked(b"") == {}
    assert recall.keeps((Target("http://a.example/", "a.example"),))
