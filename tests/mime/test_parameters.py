from __future__ import annotations

import time
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime.parameters import MAX_NAME, MAX_PARAMETERS, parameters


@pytest.mark.parametrize(
    ("value", "main", "name"),
    [
        (b'text/plain; name="a b.txt"', "text/plain", "a b.txt"),
        (b" TEXT / Plain (comment) ; name = a.txt ", "text/plain", "a.txt"),
        (b"text/plain; name=my report (final).zip; x=y", "text/plain", "my report (final).zip"),
        (b'text/plain; name="open', "text/plain", "open"),
        (b'text/plain; name="open.exe; x=y', "text/plain", "open.exe"),
        (b'a/b; name="q\\"uote;d"', "a/b", 'q"uote;d'),
        (b"a/b; name*=utf-8''%e2%82%ac.txt; name=plain.txt", "a/b", "€.txt"),
        (b"a/b; name*1=two; name*0=one-", "a/b", "one-two"),
        (b"a/b; name*0*=iso-8859-1''%fc; name*1*=%DF; name*3=lost", "a/b", "üß"),
        (b"a/b; NAME=raw-\xc3\xbc", "a/b", "raw-ü"),
        (b'a/b; name="=?utf-8?q?=C3=BC?="', "a/b", "ü"),
        (b"a/b", "a/b", ""),
        (b"", "", ""),
        (b";name=x", "", "x"),
    ],
)
def test_parameters(value: bytes, main: str, name: str) -> None:
    found = parameters(value)
    assert (found.value, found.get("name")) == (main, name)


def test_all_candidates_most_credible_first() -> None:
    found = parameters(b"x; filename*=utf-8''1.exe; filename=\"=?utf-8?q?2.exe?=\"; filename=3.exe")
    assert found.candidates("filename") == ("1.exe", "2.exe", "=?utf-8?q?2.exe?=", "3.exe")
    assert found.first("filename") == b"=?utf-8?q?2.exe?="


def test_hostile_names_are_kept_as_they_are() -> None:
    found = parameters(b"x; filename*=utf-8''..%2f%00%E2%80%AEfdp.exe")
    assert found.candidates("filename") == ("../\0\u202efdp.exe",)
    assert "..\\a\\b.exe" in parameters(b'x; filename="..\\a\\b.exe"').candidates("filename")


def test_a_long_name_keeps_its_extension() -> None:
    name = parameters(b"x; filename=" + b"a" * 100_000 + b".exe").get("filename")
    assert name.endswith(".exe")
    (candidate,) = parameters(b"x; filename=" + b"a" * 100_000 + b".exe").candidates("filename")
    assert candidate.endswith(".exe")
    assert len(candidate) == MAX_NAME + 1


def test_too_many() -> None:
    found = parameters(b"x" + b";a=b" * (MAX_PARAMETERS + 1))
    assert len(found.pairs) == MAX_PARAMETERS
    assert not found.complete


@settings(max_examples=80, deadline=None)
@given(name=st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_reads_what_the_standard_library_writes(name: str) -> None:
    message = Message()
    message.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    written = message["Content-Disposition"].encode()
    assert parameters(written).extended("filename") == name


@settings(max_examples=80, deadline=None)
@given(value=st.one_of(st.from_type(bytes), st.text(";=\"'*\\%0a()/ ", max_size=40).map(str.encode)))
def test_any_bytes(value: bytes) -> None:
    for pair in parameters(b"x;" + value).pairs:
        for name in parameters(value).candidates(pair.name):
            name.encode()


@pytest.mark.parametrize("name", [b'"' + b"=?utf-8?q?a?= " * 200_000 + b'.exe"', b"a'b'" + b"%41" * 400_000 + b".exe"])
def test_words_without_end_cost_nothing_and_hide_no_extension(name: bytes) -> None:
    start = time.process_time()
    found = parameters(b"attachment; filename=" + name).candidates("filename")
    assert time.process_time() - start < 0.1
    assert all(one.endswith(".exe") for one in found)
