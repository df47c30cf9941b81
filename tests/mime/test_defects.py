"""Every defect has a mail that shows it."""

from __future__ import annotations

import pytest

from lazaretto.mime import defects, observed
from lazaretto.mime.parse import LIMITS, parse
from lazaretto.mime.transfer import decoded

NAMES = {value for name, value in vars(defects).items() if name.isupper()}
SHOWN = {
    defects.MBOX_LINE: b"From a Mon\nSubject: x\n\n",
    defects.BYTE_ORDER_MARK: b"\xef\xbb\xbfSubject: x\n\n",
    defects.JUNK_LINE: b"junk\nSubject: x\n\n",
    defects.NO_SEPARATOR: b"Subject: x\nno field\n",
    defects.BLANK_LINE: b"Subject: x\n \nTo: a@b\n\n",
    defects.BARE_CR: b"Subject: x\rTo: a@b\n\n",
    defects.CONTROLS: b"Subject: x\0\n\n",
    defects.DOUBLE_CR: b"Subject: x\r\r\n\r\r\n",
    defects.FIELD_NAME: b"Subject : x\n\n",
    defects.ODD_FIELD: b"Content_Type: text/plain\n\n",
    defects.DUPLICATE_FIELD: b"Content-Type: text/plain\nContent-Type: text/html\n\n",
    defects.DUPLICATE_PARAMETER: b"Content-Type: text/plain; charset=a; charset=b\n\n",
    defects.BAD_TYPE: b"Content-Type: text\n\n",
    defects.BAD_ENCODING: b"Content-Transfer-Encoding: base65\n\n",
    defects.LONG_NAME: b"Content-Type: text/plain; name=" + b"x" * 256 + b"\n\n",
    defects.MANY_NAMES: b"Content-Type: text/plain" + b"".join(b"; name=a%d" % one for one in range(40)) + b"\n\n",
    defects.MANY_PARAMETERS: b"Content-Type: text/plain" + b";a=b" * 2000 + b"\n\n",
    defects.ODD_BOUNDARY: b"Content-Type: multipart/mixed; boundary=a(b)\n\n",
    defects.STRAY_BOUNDARY: b"Content-Type: text/plain; boundary=a\n\n",
    defects.NO_BOUNDARY: b"Content-Type: multipart/mixed\n\n",
    defects.NO_DELIMITER: b"Content-Type: multipart/mixed; boundary=a\n\n",
    defects.UNCLOSED: b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx",
    defects.PART_AFTER_CLOSE: b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--a\n\ny\n--a--\n",
    defects.DELIMITER_TEXT: b"Content-Type: multipart/mixed; boundary=a\n\n--a x\n\nx\n--a--\n",
    defects.NEAR_DELIMITER: b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--ab\n\ny\n--a--\n",
    defects.HIDDEN_DELIMITER: b"Subject: x\n\nlook:\n--a\nContent-Type: text/plain\n\nx\n--a--\n",
    defects.SAME_BOUNDARY: b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
    b"boundary=a\n\n--a\n\nx\n--a--\n--a--\n",
    defects.ENCODED_MULTIPART: b"Content-Type: multipart/mixed; boundary=a\nContent-Transfer-Encoding: base64\n\n",
    defects.BASE64_JUNK: b"Content-Transfer-Encoding: base64\n\naGV!sbG8=",
    defects.BASE64_SHORT: b"Content-Transfer-Encoding: base64\n\naGVsbG8",
    defects.BASE64_AFTER_PADDING: b"Content-Transfer-Encoding: base64\n\naGVsbG8=aGVs",
    defects.QP_ODD: b"Content-Transfer-Encoding: quoted-printable\n\na=zz",
    defects.QP_NEEDLESS: b"Content-Transfer-Encoding: quoted-printable\n\n=41=42=43=44=45=46=47=48",
    defects.LEGACY_DAMAGED: b"Content-Transfer-Encoding: uuencode\n\n%:&5L;&\\\n",
}


def seen(raw: bytes) -> set[str]:
    message = parse(raw)
    found = {odd for part in message.root.walk() for odd in (*part.defects, *decoded(message, part).defects)}
    return found | {defects.HIDDEN_DELIMITER} if observed.Watch(raw).shows(message.root.body, len(raw)) else found


@pytest.mark.parametrize("name", sorted(NAMES))
def test_is_reported(name: str) -> None:
    assert name in seen(SHOWN[name])


def test_names_are_distinct_from_limits() -> None:
    assert not NAMES & LIMITS


def test_a_sound_message_has_none() -> None:
    raw = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n"
    assert seen(raw) == set()
