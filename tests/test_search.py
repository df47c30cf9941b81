from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazaretto.model import ArtifactSummary, Properties
from lazaretto.search import TEXT, fold, searchable, terms


def finds(query: str, text: str) -> bool:
    """As journal and vault do it: the index for words, the text itself for what is too short for the index."""
    database = sqlite3.connect(":memory:")
    try:
        database.execute("CREATE VIRTUAL TABLE search USING fts5 (text, tokenize='trigram case_sensitive 1')")
        database.execute("INSERT INTO search VALUES (?)", (fold(text),))
        wanted = terms(query)
        sql = "SELECT text FROM search" + (" WHERE search MATCH ?" if wanted.match else "")
        found = database.execute(sql, (wanted.match,) if wanted.match else ()).fetchall()
        return bool(found) and all(word in found[0][0] for word in wanted.short)
    finally:
        database.close()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("smith", "jsmith@example.org"),
        ("Überweisung", "uberweisung.pdf"),
        ("STRASSE", "Straße 1"),
        ("invoice 7", "Invoice no. 7"),
        ("請求書", "十月の請求書です"),
        ("ab", "cab"),
        ("", "anything"),
    ],
)
def test_finds(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(("query", "text"), [("smith jones", "smith"), ("zz", "ab"), ("abcd", "abc d")])
def test_does_not_find(query: str, text: str) -> None:
    assert not finds(query, text)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=30))
def test_any_query_is_a_valid_one(query: str) -> None:
    finds(query, "some text")


def test_what_a_hostile_mail_can_add_is_bounded() -> None:
    artifacts = [ArtifactSummary(f"{n}", ("x" * 500 + str(n),), "t", "", None, None, 1, 1, "") for n in range(10_000)]
    text = searchable(None, Properties("subject \udc80\0"), (), artifacts)
    assert text.startswith("subject ?")
    assert len(text) <= TEXT
