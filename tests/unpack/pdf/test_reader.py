"""libqpdf with every form of encryption, from memory, and where no file can be opened."""

from __future__ import annotations

import os
from typing import Any

import pikepdf
import pytest

from lazaretto.errors import Encrypted, Malformed
from lazaretto.unpack.pdf import reader

FORMS = [
    {"R": 2, "aes": False, "metadata": False},
    {"R": 3, "aes": False, "metadata": False},
    {"R": 4, "aes": False, "metadata": False},
    {"R": 4, "aes": True},
    {"R": 5, "aes": True},
    {"R": 6, "aes": True},
]

pytestmark = pytest.mark.filterwarnings("ignore:Encryption R=5 is deprecated")


class Words:
    def __init__(self, *words: str) -> None:
        self.words = words

    def __iter__(self) -> Any:
        return iter(self.words)


def locked(pdf: Any, form: dict[str, Any], user: str = "user", owner: str = "owner") -> bytes:
    return bytes(pdf.qpdf({"a.txt": b"payload"}, encryption=pikepdf.Encryption(user=user, owner=owner, **form)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("word", ["user", "owner"])
def test_either_password_opens(pdf: Any, form: dict[str, Any], word: str) -> None:
    opened = reader.opened(locked(pdf, form), Words("wrong", word))
    assert opened.word == word
    assert opened.keys() is not None


@pytest.mark.parametrize("form", FORMS)
def test_the_empty_user_password_needs_no_word(pdf: Any, form: dict[str, Any]) -> None:
    opened = reader.opened(locked(pdf, form, user=""), None)
    assert (opened.encrypted, opened.word) == (True, "")


@pytest.mark.parametrize("form", FORMS)
def test_wrong_words(pdf: Any, form: dict[str, Any]) -> None:
    with pytest.raises(Encrypted):
        reader.opened(locked(pdf, form), Words("wrong", "wörds", ""))
    with pytest.raises(Encrypted):
        reader.opened(locked(pdf, form), None)


def test_letters_beyond_ascii(pdf: Any) -> None:
    assert reader.opened(locked(pdf, FORMS[5], user="schlüssel"), Words("schlüssel")).word == "schlüssel"


def test_no_pdf() -> None:
    with pytest.raises(Malformed):
        reader.opened(b"no pdf at all", None)


def test_objects_are_decrypted(pdf: Any) -> None:
    opened = reader.opened(locked(pdf, FORMS[3]), Words("user"))
    assert any(b"EF" in seen.source and b"a.txt" in seen.source for seen in opened.objects(set()))


def test_what_is_known_is_left_out(pdf: Any) -> None:
    opened = reader.opened(pdf.qpdf({"a.txt": b"payload"}), None)
    every = {(seen.number, seen.generation) for seen in opened.objects(set())}
    assert all(seen.raw is not None for seen in opened.objects(every))


def test_no_file_is_opened(pdf: Any) -> None:
    reader.prepare()
    data = locked(pdf, FORMS[5])
    before = len(os.listdir("/proc/self/fd"))
    opened = reader.opened(data, Words("user"))
    assert len(os.listdir("/proc/self/fd")) == before
    assert list(opened.objects(set()))


def test_what_is_used_is_said() -> None:
    assert reader.describe().startswith("libqpdf ")
