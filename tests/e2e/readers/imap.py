"""What Dovecot's parser sees: the structure and the decoded parts (RFC 3516) of a message in a mailbox of its own."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator

from tests.e2e.servers.dovecot import Dovecot

_TOKEN = re.compile(rb'\(|\)|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n|[^\s()"]+')


class Imap:
    """One connection; each message is put into the mailbox, read, and left there."""

    def __init__(self, dovecot: Dovecot) -> None:
        self._client = imaplib.IMAP4("127.0.0.1", dovecot.imap_port)
        self._client.login("reader@example.org", "secret")
        self._client.select("INBOX")

    def close(self) -> None:
        self._client.logout()

    def leaves(self, raw: bytes) -> list[bytes]:
        done, said = self._client.append("INBOX", "", "", raw)
        assert done == "OK", said
        (uid,) = re.findall(rb"APPENDUID \d+ (\d+)", said[0])
        structure = self._fetch(uid, "BODYSTRUCTURE")
        found = []
        for path in _paths(_parsed(structure)):
            found.append(self._fetch(uid, f"BINARY.PEEK[{path}]"))
        return found

    def _fetch(self, uid: bytes, what: str) -> bytes:
        done, said = self._client.uid("FETCH", uid.decode(), f"({what})")
        assert done == "OK", said
        if what == "BODYSTRUCTURE":
            return b"".join(b"\r\n".join(each) if isinstance(each, tuple) else each for each in said)
        first = said[0]
        if isinstance(first, tuple):
            return first[1]
        return re.findall(rb'BINARY\[[\d.]*\] "(.*)"\)', first)[0] if b'"' in first else b""


def _parsed(said: bytes) -> list[object]:
    """The list behind BODYSTRUCTURE; atoms and strings are bytes."""
    at = said.index(b"BODYSTRUCTURE ") + 14
    stack: list[list[object]] = [[]]
    while True:
        token = _TOKEN.search(said, at)
        assert token is not None, said
        at = token.end()
        if token[0] == b"(":
            stack.append([])
        elif token[0] == b")":
            done = stack.pop()
            stack[-1].append(done)
            if len(stack) == 1:
                return done
        elif token[2] is not None:
            stack[-1].append(said[at : at + int(token[2])])
            at += int(token[2])
        else:
            stack[-1].append(token[0] if token[1] is None else token[1])


def _paths(body: object, path: str = "", *, top: bool = True) -> Iterator[str]:
    """Part numbers of the leaves (RFC 3501, 6.4.5)."""
    assert isinstance(body, list)
    if isinstance(body[0], list):
        for number, each in enumerate((each for each in body if isinstance(each, list) and _is_body(each)), 1):
            yield from _paths(each, f"{path}.{number}" if path else str(number), top=False)
    elif body[0].lower() == b"message" and body[1].lower() == b"rfc822":
        inside = body[8]
        here = path or "1"
        yield from _paths(inside, here if isinstance(inside[0], list) else f"{here}.1", top=False)
    else:
        yield path or "1"


def _is_body(each: list[object]) -> bool:
    """Whether this is a part, not a list of parameters: two strings and a list or NIL, or parts."""
    if not each or (isinstance(each[0], list) and not _is_body(each[0])):
        return False
    return isinstance(each[0], list) or (len(each) >= 7 and isinstance(each[1], bytes) and each[6][:1].isdigit())  # type: ignore[index]
