from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lazaretto.unpack.html import literal

PAYLOAD = b"the payload that an engine looks for\n"
ENCODED = base64.b64encode(PAYLOAD).decode()


@pytest.mark.parametrize(
    "value",
    [
        f"data:text/plain;base64,{ENCODED}",
        f"DATA:text/plain;BASE64,{ENCODED}",
        f"  da\n\tta:text/plain; base64 ,{ENCODED[:7]} {ENCODED[7:]}",
        f"data:;base64,{ENCODED.rstrip('=')}",
        f"data:text/plain%3Bbase64,{ENCODED}#fragment",
        "data:,the%20payload that an engine%20looks for%0a",
    ],
)
def test_a_data_url(value: str) -> None:
    url = literal.whole_url(value)
    assert url
    assert url.data() == PAYLOAD


@pytest.mark.parametrize("value", ["", "data:", "http://a/b", "data:text/plain;base64", "data:" + "x" * 500 + ",y"])
def test_no_data_url(value: str) -> None:
    assert literal.whole_url(value) is None


def test_urls_end_where_they_began() -> None:
    text = "a(data:,one two) \"data:,three'\" 'data:,four\" five' data:,six seven `data:,eight` (data:,nine"
    found = [url.payload for url in literal.urls(text)]
    assert found == ["one two", "three'", 'four" five', "six", "eight", "nine"]


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        ENCODED.rstrip("="),
        f"{ENCODED[:10]}\r\n{ENCODED[10:]}",
        ENCODED[::-1],
        PAYLOAD.hex(),
        "0x" + PAYLOAD.hex().upper(),
        "".join(f"%{byte:02x}" for byte in PAYLOAD),
        "".join(f"%u{byte:04x}" for byte in PAYLOAD),
    ],
)
def test_guesses(text: str) -> None:
    assert PAYLOAD in literal.guesses(text)


def test_the_alphabet_for_urls() -> None:
    data = bytes(range(256))
    assert data in literal.guesses(base64.urlsafe_b64encode(data).decode())


@pytest.mark.parametrize(
    "text", ["", "short", "The quick brown fox jumps over the lazy dog.", "width: 100%; height: 50%;" * 3]
)
def test_ordinary_strings_are_not_decoded(text: str) -> None:
    assert not list(literal.guesses(text))


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    list(literal.guesses(text))
    literal.unescape(text)
    for url in (*literal.urls("data:" + text), *filter(None, [literal.whole_url("data:" + text)])):
        assert isinstance(url.data(), bytes)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    literal.base64(data)
    literal.unpercent(data)
    literal.is_text(data)
    assert literal.unpercent(b"".join(b"%%%02X" % byte for byte in data)) == data


@pytest.mark.parametrize("unit", ["data:", "(data:,", '"data:,', "%41", "%", "%u0041", "QUJD"])
def test_linear(unit: str) -> None:
    text = unit * (2_000_000 // len(unit))
    started = time.process_time()
    list(literal.guesses(text))
    sum(len(url.data()) for url in literal.urls(text))
    assert time.process_time() - started < 6
