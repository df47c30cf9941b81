from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.mime import names
from lazaretto.mime.parameters import MAX_CANDIDATES, MAX_NAME, parameters


def found(*values: bytes) -> tuple[str, ...]:
    """Content-Disposition first, then Content-Type, then further ones."""
    every = [*values, b""][: max(2, len(values))]
    return names.candidates([parameters(value) for value in every], every)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'attachment; filename="report.pdf"', ("report.pdf",)),
        (b'attachment; filename="report (1).pdf"', ("report (1).pdf",)),
        (b"attachment; filename*0=rep; filename*1=ort.pdf", ("report.pdf",)),
        (b"attachment; filename*=utf-8''gr%C3%BCn.pdf", ("grün.pdf",)),
        (b"attachment;", ()),
        (b"inline", ()),
    ],
)
def test_sound_parameters_have_one_name(value: bytes, expected: tuple[str, ...]) -> None:
    assert found(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        b"attachment; filename*2=zip; filename*1=file.",  # no section 0
        b"attachment; filename*0=file.; filename*2=zip",  # a gap
        b"attachment; filename*1=file.; filename*0=zip",  # joined as they come
        b"attachment; filename*0=x; filename*0=file.; filename*1=zip",  # the last of two
        b"attachment; filename*1*=''file.; filename*0*=zip",
        b"attachment; filename=file.png; filename*0=file.; filename*1=zip",
        b'attachment; filename="file".zip"',
        b'attachment; filename="file.zip',
        b"attachment; filename=file.z()ip",
        b"attachment; filename=file.zip(.gif)",
        b"attachment; filename=file.zip;.gif",
        b"attachment; filename=file;.zip",
        rb"attachment; filename=file\.zip",
        b"attachment; filename=file.zip\0.gif",
        b"attachment; filename*=UTF-16''%00f%00i%00l%00e%00.%00z%00i%00p",
        b"attachment; filename*=UTF-16''f%00i%00l%00e%00.%00z%00i%00p%00",
        b'attachment; filename="=?utf-16?B?AGYAaQBsAGUALgB6AGkAcA==?="',
        b'attachment "filename=file.zip"',
    ],
)
def test_what_some_reader_shows_is_there(value: bytes) -> None:
    assert any(name.startswith("file") and name.endswith(".zip") for name in found(value)), found(value)


def test_all_fields_count() -> None:
    assert "file.zip" in found(b"attachment; filename*0=file.", b"text/plain; name*1=zip")
    assert set(found(b"attachment; filename=a", b"text/plain; name=b", b"attachment; filename=c")) >= {"a", "b", "c"}


def test_a_name_of_9_kB_is_kept() -> None:
    (name,) = found(b"attachment; filename=" + b"x" * 9_000 + b".exe")
    assert name.endswith(".exe")


@settings(max_examples=200, deadline=None)
@given(value=st.binary(max_size=120))
def test_any_bytes_give_bounded_names(value: bytes) -> None:
    given_names = found(b"attachment; filename=" + value, b"text/plain; name*0=" + value)
    assert len(given_names) <= MAX_CANDIDATES
    assert all(len(name) <= MAX_NAME + 1 for name in given_names)
    repr(given_names).encode()


def test_time_is_linear() -> None:
    start = time.process_time()
    found(b"attachment; " + b"filename=(\"x';" * 300_000)
    assert time.process_time() - start < 3
