from __future__ import annotations

import time

import pytest

from lazaretto.mime.markup import to_text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>one</p><p>two", "one\n\ntwo"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<style>x</style>a<script>alert('<p>')</script>b", "ab"),
        ("a &lt;b&gt; &amp;&nbsp;c&#x2603;", "a <b> & c☃"),
        ("a<!-- hidden <p> -->b<!DOCTYPE x>c<?php d?>e", "abce"),
        ("1 < 2 <b", "1 < 2"),
        ("<td>a</td><td>b</td>", "a b"),
        ("many   blanks\n\nand lines", "many blanks and lines"),
        ("<script>never closed", ""),
        ("<title>T</title><head><body>B", "T\n\nB"),
        ("<scripty>kept", "kept"),
    ],
)
def test_to_text(source: str, expected: str) -> None:
    assert to_text(source) == expected


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<script ", "<script></", "<a b=", "&#", " \n", "</p", "<br>", "<style>"]
)
def test_time_is_linear(piece: str) -> None:
    start = time.process_time()
    to_text(piece * (1_000_000 // len(piece)))
    assert time.process_time() - start < 3
