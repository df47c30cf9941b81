from __future__ import annotations

import hashlib

import pytest

from lazaretto.errors import ProtocolError
from lazaretto.protocols.icap.head import Head, parse
from lazaretto.protocols.icap.reply import Reply
from lazaretto.protocols.icap.verdict import MOST, Answer, Threat, Type, read

SENT = hashlib.sha256(b"x").hexdigest()
SAME = {"http": Head("HTTP/1.1 200 OK"), "size": 1, "sha256": SENT}


def answer(fields: str = "", status: int = 200, **more: object) -> Answer:
    head = parse(f"ICAP/1.0 {status} OK{fields}".replace("\n", "\r\n").encode())
    return read(Reply(status, head, **more), 1, SENT)  # type: ignore[arg-type]


def test_unchanged_is_clean() -> None:
    assert answer(status=204).clean
    assert answer(**SAME).clean
    assert answer(http=Head("POST / HTTP/1.1"), size=1, sha256=SENT).clean  # REQMOD gives the request back


@pytest.mark.parametrize(
    "more",
    [
        {**SAME, "http": Head("HTTP/1.1 403 Forbidden")},
        {**SAME, "size": 2},
        {**SAME, "sha256": "0"},
        {"http": Head("HTTP/1.1 200 OK")},
        {**SAME, "http": Head("HTTP/1.1 302 Found")},
    ],
)
def test_anything_else_in_its_place_is_not(more: dict[str, object]) -> None:
    assert answer(**more).replaced


@pytest.mark.parametrize("status", [100, 201, 206, 400, 404, 408, 500, 503])
def test_other_statuses_say_nothing_about_a_file(status: int) -> None:
    with pytest.raises(ProtocolError):
        answer(status=status, **SAME)
    with pytest.raises(ProtocolError):
        answer(status=200)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("\nX-Infection-Found: Type=0; Resolution=2; Threat=A.B;", [Threat("A.B")]),
        ("\nX-Infection-Found: Type=1; Resolution=2; Threat=*.exe;", [Threat("*.exe", Type.POLICY)]),
        ("\nX-Infection-Found: Type=2; Resolution=0; Threat=Container", [Threat("Container", Type.CONTAINER)]),
        ("\nX-Infection-Found: Type=0; Resolution=0", [Threat("unnamed")]),
        ("\nX-Violations-Found: 1\n\t-\n\tA.B\n\t0\n\t0", [Threat("A.B")]),
        ("\nX-Violations-Found: 2\n\ta\n\tA\n\t0\n\t0\n\tb\n\tB\n\t0\n\t0", [Threat("A"), Threat("B")]),
        ("\nX-Violations-Found: 2", [Threat("unnamed")]),
        ("\nX-Violations-Found: 0", []),
        ("\nX-Virus-ID: EICAR test\nX-Virus-Name: EICAR test", [Threat("EICAR test")]),
        ("\nX-Virus-ID: none", []),
        ('\nX-Blocked-Reason: "scan_error"', [Threat("scan_error")]),
        ("\nX-Infection-Found: Type=0; Threat=A;\nX-Violations-Found: 1\n\t-\n\tA\n\t0\n\t0", [Threat("A")]),
    ],
)
def test_names_by_the_fields_of_vendors(fields: str, wanted: list[Threat]) -> None:
    for more in ({"status": 204}, SAME):
        assert list(answer(fields, **more).threats) == wanted  # type: ignore[arg-type]


def test_names_are_bounded() -> None:
    lines = "".join(f"\n\tf\n\tname-{number}{'x' * 1000}\n\t0\n\t0" for number in range(45))
    threats = answer(f"\nX-Violations-Found: 45{lines}", 204).threats
    assert len(threats) == MOST
    assert max(len(each.name) for each in threats) == 200
