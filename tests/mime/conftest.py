"""Mails for the tests of the mime package: the golden ones, and generated ones from sound to absurd."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st

GOLDEN = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "golden").glob("*.eml"))}

_PIECES = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"\n\n",
        b"--a",
        b"--b",
        b"--a--",
        b"--b--",
        b"--ab",
        b" ",
        b"\t",
        b"=",
        b"\0",
    ),
    *(
        b"Subject: x\r\n",
        b"Content-Type: multipart/mixed; boundary=a\r\n",
        b"content-type: text/html\n",
        b"hello",
        b":",
    ),
    *(
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"YWJj\r\n",
    ),
    *(b"Content-Disposition: attachment; filename*0*=utf-8''%41;\r\n filename*1=b\r\n", b"\xef\xbb\xbf", b"From x\n"),
    *(b"Content-Type: multipart/digest; boundary=a\n\n", b"\xff\xfe", b"junk\n", b"MIME-Version: 1.0\r\n", b"\n--a\n"),
)
_SOUP = st.lists(st.one_of(st.sampled_from(_PIECES), st.binary(max_size=6)), max_size=40).map(b"".join)


@pytest.fixture(params=GOLDEN)
def golden(request: pytest.FixtureRequest) -> bytes:
    return GOLDEN[request.param]


def _cut(mail: bytes, start: int, size: int, put: bytes) -> bytes:
    at = start % (len(mail) + 1)
    return mail[:at] + put + mail[at + size :]


_DAMAGED = st.builds(
    _cut, st.sampled_from(sorted(GOLDEN.values())), st.integers(0, 2000), st.integers(0, 60), st.sampled_from(_PIECES)
)
# In this package "any bytes" means: bytes that have something of a mail.
st.register_type_strategy(bytes, st.one_of(_SOUP, _DAMAGED, st.binary(max_size=200)))
