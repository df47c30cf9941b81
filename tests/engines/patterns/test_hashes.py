from __future__ import annotations

import hashlib

import pytest

from lazaretto.engines.patterns.hashes import HashSet, read

CONTENT = b"the content"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def names(known: HashSet, data: bytes = CONTENT) -> list[str]:
    known.seal()
    return [name for name, _ in known.match(data, hashlib.sha256(data).hexdigest())]


@pytest.mark.parametrize(
    "line",
    [
        f"{hashlib.md5(CONTENT).hexdigest()}:{len(CONTENT)}:Threat",
        f"{hashlib.sha1(CONTENT).hexdigest()}:*:Threat:73",
        f"{SHA256}:{len(CONTENT)}:Threat",
        f"{SHA256.upper()}  Threat",
        f"{SHA256} *Threat",
    ],
)
def test_every_form_of_line_matches_its_content_and_nothing_else(line: str) -> None:
    known = HashSet()
    assert read([line, "", "# a comment"], known, "file") == []
    assert names(known) == ["Threat"]
    assert names(known, CONTENT + b"!") == []


def test_a_hash_alone_gets_the_name_of_its_file() -> None:
    known = HashSet()
    read([SHA256], known, "bad-files")
    assert names(known) == ["bad-files"]


def test_the_size_must_fit_where_one_is_given() -> None:
    known = HashSet()
    read([f"{SHA256}:{len(CONTENT) + 1}:Threat"], known, "file")
    assert names(known) == []


def test_what_cannot_be_read_is_named_by_its_line_and_the_rest_serves() -> None:
    known = HashSet()
    refused = read(["no hash", f"{SHA256}:big:Threat", SHA256[:-1], f"{SHA256}:*:Threat"], known, "file")
    assert [number for number, _ in refused] == [1, 2, 3]
    assert names(known) == ["Threat"]
