from __future__ import annotations

import pytest

from lazaretto.mime.entity import begins_entity


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: text/plain\r\n\r\nhello",
        b"X-Odd: 1\ncontent-transfer-encoding: base64\n\naGVsbG8=",
        b"MIME-Version: 1.0\r\n\r\n",
        b"junk line\r\nContent-Type: text/html\r\n\r\n<p>",
        b"Content-Type: text/plain",
    ],
)
def test_an_entity(data: bytes) -> None:
    assert begins_entity(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\nContent-Type: text/plain\r\n\r\nhello",
        b"hello\r\n\r\nContent-Type: text/plain",
        b"Dear: Bob\r\n\r\nhello",
        b"%PDF-1.7\n1 0 obj\n",
        b"PK\3\4" + bytes(5000),
    ],
)
def test_none(data: bytes) -> None:
    assert not begins_entity(data)
